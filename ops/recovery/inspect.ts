import { lookSchema } from "../../app/packages/contract/dumps";
import type { Look } from "../../app/packages/contract/dumps";
import type { Context } from "../core/context";
import type { DatabaseJob } from "./database-jobs";

/** What a database holds, by number and age of its rows. @param env of another server */
export async function inspect(context: Context, database: string, env?: DatabaseJob["env"]): Promise<Look> {
  const name = `database-inspect-${stamp(context.clock.now())}`;
  const { databaseJobs } = context.platform;
  const answer = await databaseJobs.run(context, {
    name,
    command: "restore-database",
    args: ["inspect", database],
    env,
  });
  return lookSchema.parse(answer);
}

/** `20261123003000`: part of a name. */
export const stamp = (time: Date) => time.toISOString().replaceAll(/\D/g, "").slice(0, 14);
