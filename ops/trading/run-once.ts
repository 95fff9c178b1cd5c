import { randomUUID } from "node:crypto";
import type { Context } from "../core/context";
import type { DatabaseJob } from "../recovery/database-jobs";
import { stamp } from "../recovery/inspect";

/** One run of a command of the application, under a name of its own. @returns what it printed last */
export function runOnce(
  context: Context,
  { args = [], ...job }: Pick<DatabaseJob, "command" | "secrets" | "hosts"> & Partial<Pick<DatabaseJob, "args">>,
): Promise<unknown> {
  const name = `${job.command}-${stamp(context.clock.now())}-${randomUUID().slice(0, 8)}`;
  return context.platform.databaseJobs.run(context, { ...job, args, name });
}
