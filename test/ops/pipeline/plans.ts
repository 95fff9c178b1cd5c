import { readFileSync } from "node:fs";
import { join } from "node:path";
import { changesOf, digestOf } from "../../../ops/pipeline/plan/changes";
import { parsePlanFile } from "../../../ops/pipeline/plan/plan-file";
import type { PlanFile } from "../../../ops/pipeline/plan/plan-file";
import type { EnvironmentReport, Planned, StackReport } from "../../../ops/pipeline/report/report";

/**
 * Plans that Terraform 1.11.4 wrote: `network` and `data` of the local environment on the emulator after a change of
 * its configuration, `sensitive` of resources with passwords, some of them created and some changed.
 */
export type RecordedPlan = "network" | "data" | "sensitive";

const folder = join(__dirname, "plans");

export function recorded(name: RecordedPlan): PlanFile {
  return parsePlanFile(readFileSync(join(folder, `${name}.json`), "utf8"));
}

/** What Terraform said of a plan that `prevent_destroy` stopped. */
export const failure = readFileSync(join(folder, "failed.txt"), "utf8");

/** A plan of as many resources as it takes to be that large, each like the recorded ones. */
export function largePlan(bytes: number): PlanFile {
  const plan = recorded("data");
  const [some = []] = [plan.resource_changes];
  const size = JSON.stringify(some).length;
  const resource_changes = Array.from({ length: Math.ceil(bytes / size) }, (_, copy) =>
    some.map((resource) => ({ ...resource, address: `${resource.address}-${copy}` })),
  ).flat();
  return { ...plan, resource_changes };
}

export function planned(stack: string, plan: PlanFile, more: Partial<Planned> = {}): StackReport {
  const changes = changesOf(plan);
  return {
    stack,
    outcome: "planned",
    changes,
    digest: digestOf(changes),
    provisional: [],
    compared: "everything",
    ...more,
  };
}

export function report(...stacks: readonly StackReport[]): EnvironmentReport {
  return { environment: "production", commit: "c0ffee".repeat(7).slice(0, 40), stacks };
}
