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
