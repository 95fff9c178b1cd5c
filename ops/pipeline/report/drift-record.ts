import { z } from "zod";
import type { Records } from "../../core/records";
import { isEmpty } from "../plan/changes";
import type { EnvironmentReport, StackReport } from "./report";

/** Beside the record of operations, in the environment's state bucket. */
export const DRIFT_KEY = "drift.json";

const driftRecord = z.strictObject({
  schema: z.literal(1),
  lookedAt: z.iso.datetime(),
  /** What the environment was compared with. */
  commit: z.string(),
  stacks: z.array(
    z.strictObject({
      stack: z.string(),
      /** `unknown`: its plan failed, or waits for another stack. */
      is: z.enum(["as declared", "changed outside", "not deployed", "unknown"]),
    }),
  ),
});

/**
 * What the last look for drift found, without a word of what differs, so that it holds no value of a resource. The plan role
 * may write it, and any branch runs as that role: `ops status` shows it, and nothing is decided by it.
 */
export type DriftRecord = Readonly<z.infer<typeof driftRecord>>;

/** Keeps what a look found, in the place of the look before. @throws Error when another look was kept meanwhile */
export async function keepDrift(records: Records, report: EnvironmentReport, lookedAt: Date): Promise<DriftRecord> {
  const record: DriftRecord = {
    schema: 1,
    lookedAt: lookedAt.toISOString(),
    commit: report.commit,
    stacks: report.stacks.map((stack) => ({ stack: stack.stack, is: stateOf(stack) })),
  };
  const before = await records.read(DRIFT_KEY);
  const written = await records.write(DRIFT_KEY, JSON.stringify(record), before?.version);
  if (written === undefined)
    throw new Error(`operations/${DRIFT_KEY} was written by another process meanwhile: look again`);
  return record;
}

/** Undefined where drift was never looked for. */
export async function lastDrift(records: Records): Promise<DriftRecord | undefined> {
  const stored = await records.read(DRIFT_KEY);
  return stored === undefined ? undefined : driftRecord.parse(JSON.parse(stored.text));
}

function stateOf(report: StackReport): DriftRecord["stacks"][number]["is"] {
  if (report.outcome !== "planned") return "unknown";
  if (report.changes.drift.length > 0) return "changed outside";
  return isEmpty(report.changes) ? "as declared" : "not deployed";
}
