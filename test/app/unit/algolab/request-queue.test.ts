import { RequestQueue } from "../../../../app/packages/algolab/request-queue";

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
        leave: () => {
          events.push(`left at ${time}`);
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
