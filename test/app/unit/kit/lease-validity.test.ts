import fc from "fast-check";
import { LeaseValidity } from "../../../../app/packages/kit/lease-validity";
import { TestClock } from "../../support/clock";

describe("a lease's validity", () => {
  const clock = new TestClock();
  const now = () => clock.now();
  const onExpired = jest.fn();
  const advance = (ms: number) => {
    clock.advance(ms);
    jest.advanceTimersByTime(ms);
  };
  beforeEach(() => {
    clock.at = 1_000;
    onExpired.mockClear();
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("starts with its first grant, and counts from before it was asked for", () => {
    const lease = new LeaseValidity(100, { now });
    expect(lease.holds).toBe(false);
    lease.extend(960);
    expect(lease.holds).toBe(true);
    clock.advance(59);
    expect(lease.holds).toBe(true);
    clock.advance(1);
    expect(lease.holds).toBe(false);
  });

  test("a grant that took longer to arrive than the lease lasts is none", () => {
    const lease = new LeaseValidity(100, { now, onExpired });
    lease.extend(900);
    expect(lease.holds).toBe(false);
    advance(1);
    expect(onExpired).toHaveBeenCalledTimes(1);
  });

  test("its end is told once, unless a renewal comes before", () => {
    const lease = new LeaseValidity(100, { now, onExpired });
    lease.extend(now());
    advance(60);
    lease.extend(now() - 10);
    advance(89);
    expect([lease.holds, onExpired.mock.calls.length]).toEqual([true, 0]);
    advance(1);
    expect([lease.holds, onExpired.mock.calls.length]).toEqual([false, 1]);
    advance(1_000);
    expect(onExpired).toHaveBeenCalledTimes(1);
    lease.extend(now());
    expect(lease.holds).toBe(true);
  });

  test("given up, it is valid no more, and nobody is told", () => {
    const lease = new LeaseValidity(100, { now, onExpired });
    lease.extend(now());
    lease.end();
    expect([lease.holds, jest.getTimerCount()]).toEqual([false, 0]);
    advance(1_000);
    expect(onExpired).not.toHaveBeenCalled();
  });

  test("is never believed longer than since the last request that was granted", () => {
    const step = fc.record({ takesMs: fc.nat(150), granted: fc.boolean(), pauseMs: fc.nat(150) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const lease = new LeaseValidity(100, { now });
        let grantedAt = -Infinity;
        for (const { takesMs, granted, pauseMs } of steps) {
          const askedAt = now();
          clock.advance(takesMs);
          if (granted) lease.extend((grantedAt = askedAt));
          clock.advance(pauseMs);
          expect(lease.holds).toBe(now() - grantedAt < 100);
        }
      }),
    );
  });
});
