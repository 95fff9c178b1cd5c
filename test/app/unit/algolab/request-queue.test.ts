import fc from "fast-check";
import { callsUntilSent, priorities, RequestQueue } from "../../../../app/packages/algolab/request-queue";
import type { Priority } from "../../../../app/packages/algolab/request-queue";

/** A queue on a clock that moves only when the queue pauses. */
function testQueue(intervalMs = 5000) {
  let time = 0;
  const starts: { name: string; at: number }[] = [];
  const queue = new RequestQueue({
    intervalMs,
    now: () => time,
    pause: (ms) => {
      time += ms;
      return Promise.resolve();
    },
  });
  const call =
    (name: string, takesMs = 0) =>
    () => {
      starts.push({ name, at: time });
      time += takesMs;
      return Promise.resolve(name);
    };
  return { queue, starts, call };
}

describe("RequestQueue", () => {
  test("leaves the interval between the end of one call and the start of the next", async () => {
    const { queue, starts, call } = testQueue();
    await Promise.all([queue.run("READ", call("first", 300)), queue.run("READ", call("second"))]);
    expect(starts).toEqual([
      { name: "first", at: 0 },
      { name: "second", at: 5300 },
    ]);
  });

  test("takes the most urgent of those that wait, and equals in order", async () => {
    const { queue, starts, call } = testQueue();
    await Promise.all([
      queue.run("READ", call("running")),
      queue.run("READ", call("read")),
      queue.run("ORDER", call("order 1")),
      queue.run("CANCEL", call("cancel")),
      queue.run("ORDER", call("order 2")),
    ]);
    expect(starts.map(({ name }) => name)).toEqual(["running", "cancel", "order 1", "order 2", "read"]);
  });

  test("goes on after a call that fails", async () => {
    const { queue, call } = testQueue();
    const failing = queue.run("ORDER", () => Promise.reject(new Error("refused")));
    await expect(failing).rejects.toThrow("refused");
    await expect(queue.run("ORDER", call("next"))).resolves.toBe("next");
  });

  test("closed, finishes the running call and turns the others away", async () => {
    const { queue, starts, call } = testQueue();
    const running = queue.run("ORDER", call("running"));
    const waiting = queue.run("ORDER", call("waiting"));
    const closing = queue.close(new Error("stopping"));
    await expect(waiting).rejects.toThrow("stopping");
    await closing;
    await expect(running).resolves.toBe("running");
    await expect(queue.run("ORDER", call("late"))).rejects.toThrow("stopping");
    expect(starts.map(({ name }) => name)).toEqual(["running"]);
  });
});

describe("RequestQueue under a steady stream", () => {
  /** Makes calls; before each, what `arrivals` says of its number has come. @returns the calls in their order */
  async function callsOf(count: number, arrivals: (made: number) => readonly Priority[]): Promise<Priority[]> {
    const { queue } = testQueue();
    const made: Priority[] = [];
    const runs: Promise<unknown>[] = [];
    const arrive = () => {
      if (made.length >= count) return;
      for (const priority of arrivals(made.length)) {
        const run = queue.run(priority, async () => {
          await Promise.resolve();
          made.push(priority);
          arrive();
        });
        runs.push(run);
      }
    };
    arrive();
    // Runs that came after this line wait for runs that came before.
    for (const run of runs) await run;
    return made;
  }

  test("of orders reads the list after twelve of them, then what users want to see, then what is good to know", async () => {
    const calls = await callsOf(39, (made) =>
      made === 0 ? ["ORDER", "RECONCILE", "READ", "BACKGROUND"] : made < 36 ? ["ORDER"] : [],
    );
    expect(calls.flatMap((call, index) => (call === "ORDER" ? [] : [[call, index]]))).toEqual([
      ["RECONCILE", 12],
      ["READ", 25],
      ["BACKGROUND", 38],
    ]);
  });

  test("of lists and views that are asked for again at once takes turns", async () => {
    const calls = await callsOf(8, (made) => (made === 0 ? ["RECONCILE", "READ", "RECONCILE"] : ["RECONCILE", "READ"]));
    expect(calls.slice(0, 8)).toEqual([
      "RECONCILE",
      "READ",
      "RECONCILE",
      "READ",
      "RECONCILE",
      "READ",
      "RECONCILE",
      "READ",
    ]);
  });

  test("of lists holds up no order and no cancellation by what it spent", async () => {
    const calls = await callsOf(
      4,
      (made) => (made < 3 ? [["RECONCILE", "READ"], ["CANCEL"], ["ORDER"]][made] : []) as Priority[],
    );
    expect(calls).toEqual(["RECONCILE", "CANCEL", "ORDER", "READ"]);
  });

  test("gives no kind its second turn before the first of one that came earlier and is more urgent", async () => {
    const extra: Record<number, readonly Priority[]> = {
      1: ["BACKGROUND"],
      9: ["RECONCILE", "ORDER"],
      11: ["READ"],
      12: ["CANCEL"],
      14: ["BACKGROUND"],
    };
    const calls = await callsOf(80, (made) => ["KEEP_ALIVE", ...(extra[made] ?? [])]);
    expect(calls.filter((call) => call !== "KEEP_ALIVE").slice(0, 6)).toEqual([
      "BACKGROUND",
      "ORDER",
      "RECONCILE",
      "READ",
      "CANCEL",
      "BACKGROUND",
    ]);
  });

  const kinds = fc.constantFrom(...priorities);

  test("gives each kind of call a turn within a number of calls, whatever comes", async () => {
    const most = 13 * (priorities.length - 1);
    const stream = fc.array(fc.array(kinds, { maxLength: 2 }), { minLength: 100, maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(kinds, stream, async (steady, extra) => {
        const came = extra.map((arrivals) => [steady, ...arrivals]);
        const calls = await callsOf(came.length, (made) => came[made] ?? []);
        const waiting = new Map<Priority, number>();
        const since = new Map<Priority, number>();
        calls.forEach((called, index) => {
          for (const priority of came[index] ?? []) {
            if (!waiting.get(priority)) since.set(priority, index);
            waiting.set(priority, (waiting.get(priority) ?? 0) + 1);
          }
          waiting.set(called, (waiting.get(called) ?? 0) - 1);
          since.set(called, index + 1);
          for (const priority of priorities) {
            if (waiting.get(priority)) expect(index + 1 - (since.get(priority) ?? 0)).toBeLessThanOrEqual(most);
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  test("sends orders within the number of calls that is foretold, whatever went before and waits", async () => {
    const lookUps: Priority[] = ["RECONCILE", "READ", "BACKGROUND"];
    const before = fc.array(fc.boolean(), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(before, fc.integer({ min: 1, max: 40 }), async (ordersBefore, orders) => {
        const came = ordersBefore.length;
        const arrived = (upTo: number) => ordersBefore.slice(0, upTo).filter(Boolean).length;
        const calls = await callsOf(came + 100, (made) => {
          if (made === came) return Array.from({ length: orders }, () => "ORDER" as const);
          return ordersBefore[made] ? ["ORDER", ...lookUps] : lookUps;
        });
        const stillWaiting = arrived(came) - calls.slice(0, came).filter((call) => call === "ORDER").length;
        const needed = calls.lastIndexOf("ORDER") + 1 - came;
        expect(needed).toBeLessThanOrEqual(callsUntilSent(stillWaiting + orders));
      }),
      { numRuns: 200 },
    );
  });
});

describe("a turn of RequestQueue", () => {
  test("that makes no call passes to the next at once, and leaves no interval", async () => {
    const { queue, starts, call } = testQueue();
    const idle = queue.run("ORDER", (turn) => {
      turn.unused();
      return Promise.resolve("nothing to do");
    });
    await Promise.all([queue.run("READ", call("one")), idle, queue.run("READ", call("other"))]);
    expect(starts).toEqual([
      { name: "one", at: 0 },
      { name: "other", at: 5_000 },
    ]);
    await expect(idle).resolves.toBe("nothing to do");
  });

  test("that needs another keeps its place, behind what is more urgent only", async () => {
    const { queue, starts, call } = testQueue();
    let turns = 0;
    const twice = queue.run("ORDER", (turn) => {
      turns += 1;
      if (turns === 1) turn.again();
      return call(`first, ${turns}`)();
    });
    await Promise.all([twice, queue.run("ORDER", call("second")), queue.run("CANCEL", call("cancel"))]);
    expect(starts.map(({ name }) => name)).toEqual(["first, 1", "cancel", "first, 2", "second"]);
    await expect(twice).resolves.toBe("first, 2");
  });

  test("that needs another and fails has none", async () => {
    const { queue, starts, call } = testQueue();
    const failing = queue.run("ORDER", async (turn) => {
      turn.again();
      await call("failing")();
      throw new Error("refused");
    });
    await expect(failing).rejects.toThrow("refused");
    await queue.run("ORDER", call("next"));
    expect(starts.map(({ name }) => name)).toEqual(["failing", "next"]);
  });

  test("that needs another is turned away when the queue is closed before", async () => {
    const { queue, call } = testQueue();
    const first = queue.run("ORDER", async (turn) => {
      turn.again();
      void queue.close(new Error("stopping"));
      return call("first")();
    });
    await expect(first).resolves.toBe("first");
  });
});

describe("RequestQueue before a gate", () => {
  /** A queue whose gate answers as told, on a clock that moves only when the queue pauses. */
  function gatedQueue(answers: (number | Error)[]) {
    let time = 0;
    const events: string[] = [];
    const asked: (() => void)[] = [];
    const queue = new RequestQueue({
      intervalMs: 0,
      gate: {
        take: async () => {
          asked.shift()?.();
          await Promise.resolve();
          const answer = answers.shift() ?? 0;
          if (answer instanceof Error) throw answer;
          return answer;
        },
        leave: (used) => {
          events.push(`left ${used ? "" : "unused "}at ${time}`);
          return Promise.resolve();
        },
      },
      now: () => time,
      pause: (ms) => {
        time += ms;
        return Promise.resolve();
      },
    });
    const call = (name: string) => () => {
      events.push(`${name} at ${time}`);
      return Promise.resolve(name);
    };
    return { queue, events, asked, call };
  }

  test("calls when the gate lets it, and leaves after each call", async () => {
    const { queue, events, call } = gatedQueue([700, 300, 0, 0]);
    await Promise.all([queue.run("READ", call("first")), queue.run("READ", call("second"))]);
    await queue.close(new Error("over"));
    expect(events).toEqual(["first at 1000", "left at 1000", "second at 1000", "left at 1000"]);
  });

  test("makes no call while the gate cannot be asked, and asks again", async () => {
    const { queue, events, call } = gatedQueue([new Error("the database is away"), new Error("still"), 0]);
    await queue.run("ORDER", call("order"));
    expect(events[0]).toBe("order at 2000");
  });

  test("chooses the most urgent call after the gate has let it, not before", async () => {
    const { queue, events, asked, call } = gatedQueue([0]);
    const cancelled = new Promise<string>((resolve) => {
      asked.push(() => {
        resolve(queue.run("CANCEL", call("cancel")));
      });
    });
    await queue.run("READ", call("read"));
    await cancelled;
    expect(events.filter((event) => !event.startsWith("left"))).toEqual(["cancel at 0", "read at 0"]);
  });

  test("gives a turn back in which no call was made, and hands it on where another waits", async () => {
    const { queue, events, call } = gatedQueue([0, 0, 0]);
    const idle = () =>
      queue.run("ORDER", (turn) => {
        turn.unused();
        return Promise.resolve();
      });
    await idle();
    await Promise.all([idle(), idle(), queue.run("READ", call("read"))]);
    await queue.close(new Error("over"));
    expect(events).toEqual(["left unused at 0", "read at 0", "left at 0"]);
  });

  test("goes on after a slot that could not be left", async () => {
    const queue = new RequestQueue({
      intervalMs: 0,
      gate: { take: () => Promise.resolve(0), leave: () => Promise.reject(new Error("away")) },
    });
    await queue.run("READ", () => Promise.resolve());
    await expect(queue.run("READ", () => Promise.resolve("next"))).resolves.toBe("next");
  });

  test("closed while it waits before the gate, ends at once", async () => {
    const queue = new RequestQueue({
      intervalMs: 0,
      gate: { take: () => Promise.resolve(3_600_000), leave: () => Promise.resolve() },
    });
    const waiting = queue.run("READ", () => Promise.resolve());
    const refused = expect(waiting).rejects.toThrow("stopping");
    await new Promise((resolve) => setImmediate(resolve));
    await queue.close(new Error("stopping"));
    await refused;
  });
});
