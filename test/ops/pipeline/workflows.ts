import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../../../lib/paths";

export type Access = Readonly<Record<string, "read" | "write">>;

export interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly permissions?: Access;
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly uses?: string;
  readonly environment?: string;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly "timeout-minutes"?: number;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly file: string;
  readonly text: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Access;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(projectRoot, ".github", "workflows");

export const workflows: readonly Workflow[] = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), "utf8");
  return { file, text, ...(parse(text) as Omit<Workflow, "file" | "text">) };
});

/** Texts that hold `uses:`: the workflows and the project's own action. */
export const texts: readonly { readonly file: string; readonly text: string }[] = [
  ...workflows,
  ...["actions/prepare/action.yml"].map((file) => ({
    file,
    text: readFileSync(join(projectRoot, ".github", file), "utf8"),
  })),
];

/** Every job of every workflow, as `diff.yml plan`. */
export const jobs: readonly (readonly [name: string, job: Job, workflow: Workflow])[] = workflows.flatMap((workflow) =>
  Object.entries(workflow.jobs).map(([id, job]) => [`${workflow.file} ${id}`, job, workflow] as const),
);

/** Every line that a shell runs, with the job that it stands in. */
export const runLines: readonly (readonly [line: string, job: string])[] = jobs.flatMap(([name, { steps = [] }]) =>
  steps.flatMap(({ run = "" }) =>
    run
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => [line.trim(), name] as const),
  ),
);
