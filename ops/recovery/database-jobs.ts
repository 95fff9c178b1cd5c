import { z } from "zod";
import { TIME_SERIES, TIME_SERIES_BOOTSTRAP_JOB } from "../../config/names";
import { MINUTE_MS } from "../core/clock";
import { until } from "../core/until";
import type { WaitContext } from "../core/until";
import type { Cluster } from "../kubernetes/cluster";

interface CommandOfImage {
  readonly folder: string;
  readonly like: string;
  /** What its last line is. @default JSON */
  readonly answers?: "words";
}

/**
 * Commands of the application that work on a database: where their sources are, and the Job that they run like where there
 * is a cluster. The daily dump's image has PostgreSQL's programs and its pods may use the backup bucket; the daily
 * maintenance is as small as any other command. Those of the time series' own server sign in there.
 */
export const databaseCommands = {
  "dump-database": { folder: "app/database/commands", like: "database-backup" },
  "restore-database": { folder: "app/database/commands", like: "database-backup" },
  "doubtful-orders": { folder: "app/services/broker-integration/commands", like: "database-maintenance" },
  "resolve-order": { folder: "app/services/broker-integration/commands", like: "database-maintenance" },
  "find-user": { folder: "app/database/commands", like: "database-maintenance" },
  "move-ticks": { folder: "app/database/commands", like: "database-maintenance" },
  "inspect-time-series": { folder: "app/database/commands", like: `${TIME_SERIES}-maintenance` },
  "probe-writes": { folder: "app/database/commands", like: `${TIME_SERIES}-maintenance` },
  "bootstrap-database": { folder: "app/database/commands", like: TIME_SERIES_BOOTSTRAP_JOB, answers: "words" },
  "suspend-user": { folder: "app/database/commands", like: "database-maintenance", answers: "words" },
} as const satisfies Record<string, CommandOfImage>;
export type DatabaseCommand = keyof typeof databaseCommands;

/** One run of such a command. */
export interface DatabaseJob {
  /** The same name again is the same run: it is waited for, and not started twice. */
  readonly name: string;
  readonly command: DatabaseCommand;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that only the job may read. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** @default that of the Job that it runs like */
  readonly image?: string;
  /** Addresses of host names in it, for a server beside the one that others find under its name. */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** Where such a command runs: beside the database, which is not reachable from outside of the network. */
export interface DatabaseJobs {
  /** @throws OperationError with `refused` where dumps can neither be made nor read */
  requireTools(): Promise<void>;

  /**
   * Runs it to its end.
   *
   * @returns its last line: the value of its JSON, or its words
   * @throws Error with its last words when it fails
   */
  run(context: WaitContext, job: DatabaseJob): Promise<unknown>;
}

/** More than the Job's own deadline, which makes it fail. */
const TIMEOUT_MS = 7 * 60 * MINUTE_MS;

/** Jobs in the environment's cluster, like those that come every day. */
export class ClusterJobs implements DatabaseJobs {
  constructor(private readonly cluster: Cluster) {}

  /** They are in the image. */
  requireTools(): Promise<void> {
    return Promise.resolve();
  }

  async run(context: WaitContext, { name, command, args, ...otherwise }: DatabaseJob): Promise<unknown> {
    const { cluster } = this;
    return until(context, { what: `the Job ${name}`, timeoutMs: TIMEOUT_MS }, async () => {
      await cluster.startJob(name, databaseCommands[command].like, { args: [`${command}.js`, ...args], ...otherwise });
      const state = await cluster.job(name);
      if (state.is === "failed") throw new Error(`the Job ${name} failed; the end of its log:\n${state.log}`);
      return state.is === "succeeded" ? lastLine(`the Job ${name}`, command, await cluster.log(name)) : undefined;
    });
  }
}

/** The JSON or the words that a command ended with. @throws Error when it printed no result: then it is not known to have succeeded */
export function lastLine(who: string, command: DatabaseCommand, output: string): unknown {
  const line = output.trim().split("\n").at(-1) ?? "";
  const { answers }: CommandOfImage = databaseCommands[command];
  if (answers === "words") return line;
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(line));
  } catch (error) {
    throw new Error(`${who} succeeded and printed no result; its last line is "${line}"`, { cause: error });
  }
}
