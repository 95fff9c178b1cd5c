import { Writable } from "node:stream";
import { projectRoot } from "../../../lib/paths";
import { commands } from "../../../ops/commands";
import { auditOf } from "../../../ops/core/audit";
import type { Clock } from "../../../ops/core/clock";
import type { Records } from "../../../ops/core/records";
import type { Platform } from "../../../ops/platform";
import { run } from "../../../ops/program";
import type { DatabaseJob } from "../../../ops/recovery/database-jobs";
import { memoryRecords } from "./memory-records";

export const clock: Clock = { now: () => new Date("2026-11-28T10:00:00Z"), sleep: () => Promise.resolve() };
export const operator = "arn:aws:iam::0:user/somebody";

export interface Given {
  /** What the application's command answers, run after run; an Error is one that failed. */
  readonly answers: readonly (object | string)[];
  readonly records?: Records;
  readonly env?: string;
  /** What else of the platform it finds. @default nothing */
  readonly more?: Partial<Platform>;
}

/** Runs a command line before an application that answers as told. */
export async function runBefore(
  args: readonly string[],
  { answers, records = memoryRecords(), env = "staging", more = {} }: Given,
) {
  const jobs: DatabaseJob[] = [];
  const texts = { out: "", err: "" };
  const collect = (name: "out" | "err") =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        texts[name] += chunk.toString();
        done();
      },
    });
  const platform = {
    operator: () => Promise.resolve(operator),
    databaseJobs: {
      run: (_: unknown, job: DatabaseJob) => {
        const answer = answers[jobs.length] ?? new Error("nothing more was to be run");
        jobs.push(job);
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    ...more,
  } as unknown as Platform;
  const code = await run([...args, "--env", env], {
    commands,
    clock,
    root: projectRoot,
    stdout: collect("out"),
    stderr: collect("err"),
    prepare: () => ({ platform, records }),
  });
  const audit = await auditOf(records, "2026-11-28");
  return { ...texts, code, jobs, audit, events: audit.map(({ event }) => event).sort() };
}
