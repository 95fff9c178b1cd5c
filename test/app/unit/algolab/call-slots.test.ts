import { CallsBusy, CallSlots } from "../../../../app/packages/algolab/call-slots";

const customer = Buffer.from("customer");

/** Slots whose database answers as told, on a clock that moves only when a caller pauses. */
function slotsAnswering(answers: readonly { held_until: string | null; wait_ms: number | null }[]) {
  let time = 0;
  const left: unknown[][] = [];
  const waiting = [...answers];
  const query = (sql: string, values: readonly unknown[] = []) => {
    if (sql.startsWith("UPDATE")) left.push([...values]);
    return Promise.resolve({ rows: sql.startsWith("UPDATE") ? [] : waiting.splice(0, 1) });
  };
  // Of a result it gives the rows alone, of whatever type the query asks for.
  const slots = new CallSlots({ query } as unknown as CallSlots["database"], 5_000, 15_000, {
    now: () => time,
    pause: (ms) => {
      time += ms;
      return Promise.resolve();
    },
  });
  return { slots, left, at: () => time };
}
const free = { held_until: "2026-01-05 12:00:20+00", wait_ms: 20_000 };
const taken = (waitMs: number) => ({ held_until: null, wait_ms: waitMs });

describe("CallSlots", () => {
  test("call when their turn comes, and leave the slot that they took", async () => {
    const { slots, left, at } = slotsAnswering([taken(3_000), free]);
    await expect(slots.run(customer, { patienceMs: 10_000 }, () => Promise.resolve(at()))).resolves.toBe(3_000);
    expect(left).toEqual([[customer, 5_000, free.held_until]]);
  });

  test("ask again after the interval while another call is under way, however long that may last", async () => {
    const { slots, at } = slotsAnswering([taken(19_000), free]);
    await expect(slots.run(customer, { patienceMs: 10_000 }, () => Promise.resolve(at()))).resolves.toBe(5_000);
  });

  test("make no call whose turn comes too late, and say when to try again", async () => {
    const { slots, left } = slotsAnswering([taken(19_000), taken(14_000), taken(9_000)]);
    const call = jest.fn();
    const refusal: unknown = await slots.run(customer, { patienceMs: 10_000 }, call).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CallsBusy);
    expect(refusal).toMatchObject({ retryMs: 5_000 });
    expect([call.mock.calls, left]).toEqual([[], []]);
  });

  test("leave the slot after a call that fails, too", async () => {
    const { slots, left } = slotsAnswering([free]);
    await expect(slots.run(customer, { patienceMs: 0 }, () => Promise.reject(new Error("no answer")))).rejects.toThrow(
      "no answer",
    );
    expect(left).toHaveLength(1);
  });

  test("ask nothing of a database without an interval", async () => {
    // Nothing to be asked: any use of it would throw.
    const slots = new CallSlots(undefined as unknown as CallSlots["database"], 0, 15_000);
    await expect(slots.run(customer, { patienceMs: 0 }, () => Promise.resolve("called"))).resolves.toBe("called");
  });
});
