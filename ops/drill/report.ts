import { duration } from "../../lib/display/progress";
import type { Answer } from "../core/command";
import type { Context } from "../core/context";
import { DrillLog } from "./log";
import type { Measured } from "./log";
import type { DrillPlan } from "./plan";
import { partNames, partOf, targets } from "./targets";
import type { PartName } from "./targets";

/** One part of a drill beside what the guide promises. */
export interface Row {
  readonly part: PartName;
  readonly what: string;
  readonly component?: string;
  readonly rtoMs?: number;
  readonly rpoMs?: number;
  readonly target?: { readonly rto: string; readonly rpo: string };
  /** `missed` when it took too long, lost too much, or failed. */
  readonly verdict: "met" | "missed" | "timed" | "skipped";
  readonly remark?: string;
}

/** Figures beside the guide's table; not healthy where one of them is missed. */
export async function drillAnswer({ id, skipped }: DrillPlan, { records }: Context): Promise<Answer> {
  const measured = await new DrillLog(records, id).all();
  const rows = partNames.map((part) => rowOf(part, measured[part] ?? {}, skipped[part]));
  return {
    lines: table(rows),
    data: { id, rows },
    healthy: rows.every(({ verdict }) => verdict !== "missed"),
  };
}

export function rowOf(part: PartName, measured: Measured, skipped?: string): Row {
  const { what, target: key, rpoCounts = true } = partOf(part);
  const target = key === undefined ? undefined : targets[key];
  const { beganAt, recoveredAt, lostMs: rpoMs, failure, remark } = measured;
  const row = { part, what, component: target?.component, target: target && { rto: target.rto, rpo: target.rpo } };
  if (failure !== undefined) return { ...row, verdict: "missed", remark: failure };
  if (beganAt === undefined || recoveredAt === undefined) {
    return { ...row, verdict: "skipped", remark: skipped ?? remark ?? "left out: what it needs failed" };
  }
  const rtoMs = Date.parse(recoveredAt) - Date.parse(beganAt);
  const missed =
    target !== undefined && (rtoMs > target.rtoMs || (rpoCounts && rpoMs !== undefined && rpoMs > target.rpoMs));
  const verdict = target === undefined ? "timed" : missed ? "missed" : "met";
  return { ...row, rtoMs, rpoMs, verdict, remark };
}

const MARKS = { met: "✔", missed: "✘", timed: " ", skipped: "-" } as const;

function table(rows: readonly Row[]): readonly string[] {
  const time = (ms: number | undefined) => (ms === undefined ? "" : duration(ms));
  const cells = rows.map(({ component = "", what, rtoMs, rpoMs, target, verdict, remark }) => [
    MARKS[verdict],
    component,
    what,
    time(rtoMs),
    target?.rto ?? "",
    time(rpoMs),
    target?.rpo ?? "",
    [verdict, remark].filter((one) => one !== undefined).join(": "),
  ]);
  const head = ["", "component", "what was done", "RTO", "guide", "RPO", "guide", ""];
  const all = [head, ...cells];
  const widths = head.map((_, column) => Math.max(...all.map((line) => (line[column] ?? "").length)));
  return all.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
