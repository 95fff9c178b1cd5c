import fc from "fast-check";
import { CoalescedWork, WakeUpLoop } from "../../../../app/packages/kit/wake-up-loop";

/** Work whose runs the test ends one by one. */
class Runs {
  begun = 0;
  private readonly ends: ((error?: Error) => void)[] = [];

  readonly work = (): Promise<void> => {
    this.begun++;
    return new Promise((resolve, reject) => {
      this.ends.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  };

  /** Ends the run that is under way, and lets what waits for it go on. */
  async end(error?: Error): Promise<void> {
    const end = this.ends.shift();
    if (end === undefined) throw new Error("nothing runs");
    end(error);
    await turn();
  }

  get underWay(): number {
    return this.ends.length;
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("coalesced work", () => {
  test("asked for any number of times during a run, runs once more", async () => {
    const runs = new Runs();
    const coalesced = new CoalescedWork(runs.work);
    const all = [coalesced.run(), coalesced.run(), coalesced.run()];
    expect([runs.begun, runs.underWay]).toEqual([1, 1]);
    await runs.end();
    expect([runs.begun, runs.underWay]).toEqual([2, 1]);
    await runs.end();
    await Promise.all(all);
    expect([runs.begun, coalesced.running]).toEqual([2, false]);
  });

  test("that fails at once, or asks for more at once, leaves nothing behind", async () => {
    let begun = 0;
    const coalesced: CoalescedWork = new CoalescedWork(() => {
      begun++;
      if (begun === 1) throw new Error("at once");
      if (begun === 2) void coalesced.run();
      return Promise.resolve();
    });
    await expect(coalesced.run()).rejects.toThrow("at once");
    expect(coalesced.running).toBe(false);
    await coalesced.run();
    expect([begun, coalesced.running]).toEqual([3, false]);
  });

  test("whoever asks during a run waits for the next one too", async () => {
    const runs = new Runs();
    const coalesced = new CoalescedWork(runs.work);
    void coalesced.run();
    let over = false;
    void coalesced.run().then(() => (over = true));
    await runs.end();
    expect(over).toBe(false);
    await runs.end();
    expect(over).toBe(true);
  });

  test("a failure reaches all who asked, and the next who asks gets a new run", async () => {
    const runs = new Runs();
    const coalesced = new CoalescedWork(runs.work);
    const all = [coalesced.run(), coalesced.run()].map((run) => expect(run).rejects.toThrow("away"));
    await runs.end(new Error("away"));
    await Promise.all(all);
    await coalesced.settled();
    expect([runs.begun, coalesced.running]).toEqual([1, false]);
    const another = coalesced.run();
    await runs.end();
    await another;
    expect(runs.begun).toBe(2);
  });

  test("rests in the turn in which its last run is over, so that nobody's call falls between", async () => {
    const runs = new Runs();
    const seen: boolean[] = [];
    const coalesced: CoalescedWork = new CoalescedWork(runs.work, () => seen.push(coalesced.running));
    void coalesced.run();
    await runs.end();
    expect(seen).toEqual([false]);
  });

  test("every call is followed by the beginning of a run, and never are two under way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom("ask", "end"), { maxLength: 30 }), async (steps) => {
        const runs = new Runs();
        const coalesced = new CoalescedWork(runs.work);
        let served = 0;
        let asked = 0;
        for (const step of steps) {
          if (step === "ask") {
            const before = runs.begun;
            asked++;
            void coalesced.run().then(() => {
              if (runs.begun > before) served++;
            });
          } else if (runs.underWay > 0) await runs.end();
          expect(runs.underWay).toBeLessThanOrEqual(1);
        }
        while (runs.underWay > 0) await runs.end();
        expect(served).toBe(asked);
      }),
    );
  });
});

const failed = jest.fn();

describe("a wake-up loop", () => {
  const loops: WakeUpLoop[] = [];
  const loopOf = (work: () => Promise<void>, times: { pauseMs?: number; everyMs?: number } = {}) => {
    const loop = new WakeUpLoop(work, { ...times, onError: failed });
    loops.push(loop);
    return loop;
  };
  beforeEach(() => {
    failed.mockClear();
    jest.useFakeTimers({ doNotFake: ["setImmediate"] });
  });
  afterEach(() => {
    jest.useRealTimers();
    for (const loop of loops.splice(0)) void loop.close();
  });

  test("wakes by itself after its time at rest, counted from the last run's end", async () => {
    const runs = new Runs();
    const loop = loopOf(runs.work, { everyMs: 1_000 });
    loop.wake();
    jest.advanceTimersByTime(5_000);
    expect(runs.begun).toBe(1);
    await runs.end();
    jest.advanceTimersByTime(999);
    expect(runs.begun).toBe(1);
    jest.advanceTimersByTime(1);
    expect(runs.begun).toBe(2);
    await runs.end();
  });

  test("woken before that, starts to count anew", async () => {
    const runs = new Runs();
    const loop = loopOf(runs.work, { everyMs: 1_000 });
    loop.wake();
    await runs.end();
    jest.advanceTimersByTime(900);
    loop.wake();
    await runs.end();
    jest.advanceTimersByTime(999);
    expect(runs.begun).toBe(2);
    jest.advanceTimersByTime(1);
    expect(runs.begun).toBe(3);
    await runs.end();
  });

  test("tells what failed, and goes on with what woke it meanwhile", async () => {
    const runs = new Runs();
    const loop = loopOf(runs.work, { everyMs: 1_000 });
    loop.wake();
    loop.wake();
    await runs.end(new Error("away"));
    expect(failed.mock.calls).toEqual([[new Error("away")]]);
    expect(runs.begun).toBe(2);
    await runs.end();
    jest.advanceTimersByTime(1_000);
    expect(runs.begun).toBe(3);
    await runs.end();
  });

  test("closed, waits for the run that is under way and starts no other", async () => {
    const runs = new Runs();
    const loop = loopOf(runs.work, { everyMs: 1_000 });
    loop.wake();
    loop.wake();
    let closed = false;
    const closing = loop.close().then(() => (closed = true));
    await turn();
    expect([loop.closed, closed]).toEqual([true, false]);
    await runs.end();
    expect(runs.begun).toBe(1);
    await closing;
    expect(jest.getTimerCount()).toBe(0);
    loop.wake();
    jest.advanceTimersByTime(10_000);
    expect([runs.begun, loop.running]).toEqual([1, false]);
  });

  test("closed at rest, never wakes again", async () => {
    const runs = new Runs();
    const loop = loopOf(runs.work, { everyMs: 1_000 });
    loop.wake();
    await runs.end();
    await loop.close();
    jest.advanceTimersByTime(10_000);
    expect(runs.begun).toBe(1);
  });
});

test("wake-ups within the pause after a run are gathered for the next", async () => {
  let begun = 0;
  const loop = new WakeUpLoop(
    () => {
      begun++;
      return Promise.resolve();
    },
    { pauseMs: 200, onError: failed },
  );
  loop.wake();
  await turn();
  for (let time = 0; time < 5; time++) loop.wake();
  while (loop.running) await turn();
  expect(begun).toBe(2);
});
