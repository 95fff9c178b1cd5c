import type { Records } from "../../../ops/core/records";
import { driftSeen } from "../../../ops/health/drift";
import { DRIFT_KEY, keepDrift } from "../../../ops/pipeline/report/drift-record";
import type { Planned, StackReport } from "../../../ops/pipeline/report/report";
import { failure, planned, recorded, report } from "../pipeline/plans";
import { memoryRecords } from "../support/memory-records";

const looked = new Date("2026-11-23T04:17:00Z");
const clock = (time: string) => ({ now: () => new Date(time) });
const morning = clock("2026-11-23T08:00:00Z");

const nothing = { resources: [], outputs: [], drift: [] } satisfies Planned["changes"];
const empty = planned("production-network", recorded("network"), { changes: nothing });

/** What `status` tells after a look that found this. */
async function told(stacks: readonly StackReport[], now = morning) {
  const records = memoryRecords();
  await keepDrift(records, report(...stacks), looked);
  return driftSeen({ records, clock: now });
}

describe("the line about drift", () => {
  test("says that nobody has looked", async () => {
    expect(await driftSeen({ records: memoryRecords(), clock: morning })).toEqual({
      is: "never looked for; see docs/delivery.md",
      amiss: false,
    });
  });

  test("says when nothing differed, and against which commit", async () => {
    expect(await told([empty])).toEqual({
      is: "none in 1 stacks (on 2026-11-23T04:17:00.000Z, against c0ffeec)",
      amiss: false,
    });
  });

  test("tells what was changed outside from what is not deployed, and from what nobody could compare", async () => {
    const [change] = recorded("network").resource_changes ?? [];
    const outside = planned("production-edge", recorded("network"));
    if (outside.outcome !== "planned" || change === undefined) throw new Error("the recorded plan changes nothing");
    const drifted = { ...outside, changes: { ...outside.changes, drift: outside.changes.resources } };
    const { is, amiss } = await told([
      empty,
      planned("production-data", recorded("data")),
      drifted,
      { stack: "production-trading", outcome: "failed", problem: failure },
    ]);
    expect(is).toBe(
      "production-data is not deployed; production-edge is changed outside; production-trading could not be compared " +
        "(on 2026-11-23T04:17:00.000Z, against c0ffeec)",
    );
    expect(amiss).toBe(true);
  });

  test("says that an old look is one", async () => {
    expect((await told([empty], clock("2026-11-25T08:00:00Z"))).is).toMatch(
      /^not looked for since; found on 2026-11-23/,
    );
  });
});

describe("the record of a look", () => {
  test("takes the place of the one before, and holds nothing that a plan shows", async () => {
    const records = memoryRecords();
    await keepDrift(records, report({ stack: "production-data", outcome: "failed", problem: failure }), looked);
    await keepDrift(records, report(planned("production-data", recorded("sensitive"))), looked);
    expect(JSON.parse((await records.read(DRIFT_KEY))?.text ?? "")).toEqual({
      schema: 1,
      lookedAt: looked.toISOString(),
      commit: report().commit,
      stacks: [{ stack: "production-data", is: "not deployed" }],
    });
  });

  test("is not written over one that somebody else has just written", async () => {
    const records: Records = { ...memoryRecords(), write: () => Promise.resolve(undefined) };
    await expect(keepDrift(records, report(empty), looked)).rejects.toThrow("look again");
  });
});
