import fc from "fast-check";
import { takeToken } from "../../../../app/packages/kit/cache/cache";
import { MemoryCache } from "../../../../app/packages/kit/cache/memory-cache";
import { TestClock } from "../../support/clock";

const guide = { rate: 100, windowMs: 60_000, capacity: 200 };

describe("a bucket", () => {
  test("gives its capacity at once, then its rate", async () => {
    const clock = new TestClock(0);
    const cache = new MemoryCache(clock);
    const take = () => cache.take("k", guide);
    for (let taken = 0; taken < 200; taken += 1) expect((await take()).remaining).toBe(199 - taken);
    expect(await take()).toEqual({ allowed: false, remaining: 0, resetMs: 120_000, retryMs: 600 });
    clock.advance(599);
    expect((await take()).allowed).toBe(false);
    clock.advance(1);
    expect((await take()).allowed).toBe(true);
    expect((await take()).allowed).toBe(false);
  });

  test("never gives more than its capacity and what its rate adds, whenever it is asked", () => {
    const buckets = fc.record({
      rate: fc.integer({ min: 1, max: 500 }),
      windowMs: fc.integer({ min: 100, max: 60_000 }),
      capacity: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(buckets, fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 300 }), (bucket, waits) => {
        let now = 0;
        let given = 0;
        let fullAt: number | undefined;
        for (const wait of waits) {
          now += wait;
          const taken = takeToken(fullAt, bucket, now);
          fullAt = taken.fullAt;
          if (taken.allowed) given += 1;
          expect(given).toBeLessThanOrEqual(bucket.capacity + (now * bucket.rate) / bucket.windowMs + 1e-6);
          expect(taken.remaining).toBeLessThan(bucket.capacity);
        }
      }),
    );
  });

  test("keeps its word about when to come again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (rate, capacity) => {
        const bucket = { rate, capacity, windowMs: 60_000 };
        let state = takeToken(undefined, bucket, 0);
        while (state.allowed) state = takeToken(state.fullAt, bucket, 0);
        expect(takeToken(state.fullAt, bucket, state.retryMs).allowed).toBe(true);
        expect(takeToken(state.fullAt, bucket, state.retryMs - 2).allowed).toBe(false);
      }),
    );
  });
});

describe("a token that is given back", () => {
  test("can be taken again, and fills no bucket beyond its capacity", async () => {
    const bucket = { rate: 1, windowMs: 60_000, capacity: 2 };
    const cache = new MemoryCache(new TestClock(1_000));
    const take = async () => (await cache.take("k", bucket)).allowed;
    expect([await take(), await take(), await take()]).toEqual([true, true, false]);
    await cache.giveBack("k", bucket);
    expect([await take(), await take()]).toEqual([true, false]);
    for (let more = 0; more < 5; more += 1) await cache.giveBack("k", bucket);
    expect([await take(), await take(), await take()]).toEqual([true, true, false]);
  });
});

describe("the cache of one process", () => {
  test("forgets a value when its time is over", async () => {
    const clock = new TestClock(0);
    const cache = new MemoryCache(clock);
    await cache.set("k", "v", 100);
    clock.advance(99);
    expect(await cache.get("k")).toBe("v");
    clock.advance(1);
    expect(await cache.get("k")).toBeUndefined();
  });

  test("counts until the first increment's time is over", async () => {
    const clock = new TestClock(0);
    const cache = new MemoryCache(clock);
    expect(await cache.increment("k", 100)).toBe(1);
    clock.advance(60);
    expect(await cache.increment("k", 100)).toBe(2);
    clock.advance(60);
    expect(await cache.increment("k", 100)).toBe(1);
  });

  test("tells subscribers until they leave", async () => {
    const cache = new MemoryCache(new TestClock(0));
    const heard: string[] = [];
    const leave = await cache.subscribe("c", (message) => heard.push(message));
    await cache.publish("c", "one");
    await cache.publish("other", "no");
    await leave();
    await cache.publish("c", "two");
    expect(heard).toEqual(["one"]);
  });

  test("makes room for the new by forgetting the oldest", async () => {
    const cache = new MemoryCache(new TestClock(0));
    for (let key = 0; key <= 100_000; key += 1) await cache.set(String(key), "v", 1_000);
    expect(await cache.get("0")).toBeUndefined();
    expect(await cache.get("1")).toBe("v");
  });
});
