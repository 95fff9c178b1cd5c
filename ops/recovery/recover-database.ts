import type { Look } from "../../app/packages/contract/dumps";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { OperationError, messageOf, refused, Unreachable } from "../core/outcome";
import { inspect } from "./inspect";
import { planRestore, refuseLoss, restoreSteps, switchSteps } from "./restore-dump";
import type { RestorePlan, SwitchPlan } from "./restore-dump";

/** A dump on its way into the live database's place. */
export interface DatabaseRecovery {
  readonly restore: RestorePlan;
  readonly change: SwitchPlan;
  readonly acceptLoss: boolean;
}

/**
 * @param dump its name; undefined for the newest that is whole
 * @throws OperationError with `refused` where there is none, or the live database holds newer data and the loss is not accepted
 */
export async function planDatabaseRecovery(
  context: Context,
  dump: string | undefined,
  acceptLoss: boolean,
): Promise<DatabaseRecovery> {
  const live = context.environment.database.name;
  const restore = await planRestore(context, dump ?? (await newestDump(context)));
  const { dump: name, into: copy, contents, id } = restore;
  const { contents: now } = await onServer(context, live);
  if (!acceptLoss) refuseLoss(live, now, name, contents);
  const keptAs = now === undefined ? undefined : `${live}_before_${id}`;
  return { restore, change: { copy, live, keptAs, id }, acceptLoss };
}

/** Restored beside the live database and compared, then in its place: nothing is lost before the last moment. */
export function databaseRecoverySteps(
  { restore, change, acceptLoss }: DatabaseRecovery,
  context: Context,
): readonly Step[] {
  const { live } = change;
  const compare: Step = {
    name: "compare",
    description: `see that nothing was written into ${live} meanwhile that ${restore.dump} has not`,
    run: async () => {
      const { contents } = await inspect(context, live);
      refuseLoss(live, contents, restore.dump, restore.contents);
      return undefined;
    },
  };
  return [...restoreSteps(restore, context), ...(acceptLoss ? [] : [compare]), ...switchSteps(change, context)];
}

async function newestDump({ environment, platform, progress }: Context): Promise<string> {
  for (const name of await platform.dumps.names()) {
    try {
      await platform.dumps.require(name);
      return name;
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      progress.say(error.message);
    }
  }
  throw refused(
    `${environment.name} has no whole dump: recover by \`restore snapshot\` or \`restore time\`; see \`backups\``,
  );
}

/** @throws OperationError with `refused` where no server is left that a dump could go into */
async function onServer(context: Context, live: string): Promise<Look> {
  try {
    return await inspect(context, live);
  } catch (error) {
    if (error instanceof OperationError || error instanceof Unreachable) throw error;
    throw refused(
      `The database server cannot be asked what it holds (${messageOf(error)}), so that no dump can go into it. Make ` +
        "another by `restore snapshot` or `restore time`, give it the name by `restore switch-instance`, then " +
        "`recover application`",
    );
  }
}
