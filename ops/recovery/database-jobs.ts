import { z } from "zod";
import { MINUTE_MS } from "../core/clock";
import { until } from "../core/until";
import type { WaitContext } from "../core/until";
import type { Cluster } from "../kubernetes/cluster";

/** A command of the application that works on the database as its owner. */
export interface DatabaseJob {
  /** The same name again is the same run: it is waited for, and not started twice. */
  readonly name: string;
  readonly command: "dump-database" | "restore-database";
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that only the job may read. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Where such a command runs: beside the database, which is not reachable from outside of the network. */
export interface DatabaseJobs {
  /** @throws OperationError with `refused` where dumps can neither be made nor read */
  requireTools(): Promise<void>;

  /**
   * Runs it to its end.
   *
   * @returns the JSON of its last line
   * @throws Error with its last words when it fails
   */
  run(context: WaitContext, job: DatabaseJob): Promise<unknown>;
}

/** The CronJob of the daily dump: its image has PostgreSQL's programs, its pods the owner's secrets. */
const MODEL = "database-backup";

/** More than the Job's own deadline, which makes it fail. */
const TIMEOUT_MS = 7 * 60 * MINUTE_MS;

/** Jobs in the environment's cluster, like the one of the daily dump. */
export class ClusterJobs implements DatabaseJobs {
  constructor(private readonly cluster: Cluster) {}

  /** They are in the image. */
  requireTools(): Promise<void> {
    return Promise.resolve();
  }

  async run(context: WaitContext, { name, command, args, env, secrets }: DatabaseJob): Promise<unknown> {
    const { cluster } = this;
    return until(context, { what: `the Job ${name}`, timeoutMs: TIMEOUT_MS }, async () => {
      await cluster.startJob(name, MODEL, { args: [`${command}.js`, ...args], env, secrets });
      const state = await cluster.job(name);
      if (state.is === "failed") throw new Error(`the Job ${name} failed; the end of its log:\n${state.log}`);
      return state.is === "succeeded" ? lastLine(`the Job ${name}`, await cluster.log(name)) : undefined;
    });
  }
}

/** @throws Error when it printed no result: then it is not known to have succeeded */
export function lastLine(who: string, output: string): unknown {
  const line = output.trim().split("\n").at(-1) ?? "";
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(line));
  } catch (error) {
    throw new Error(`${who} succeeded and printed no result; its last line is "${line}"`, { cause: error });
  }
}
