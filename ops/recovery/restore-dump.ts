import type { Contents, Look } from "../../app/packages/contract/dumps";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { inspect, stamp } from "./inspect";

/** A dump on its way into a database of its own. */
export interface RestorePlan {
  readonly dump: string;
  readonly takenAt: string;
  readonly into: string;
  readonly contents: Contents;
  /** Part of the Jobs' names. */
  readonly id: string;
}

/** @throws OperationError with `refused` where there is no such dump, or something newer would be lost */
export async function planRestore(context: Context, dump: string, given?: string): Promise<RestorePlan> {
  const { environment, platform, clock } = context;
  const live = environment.database.name;
  const id = stamp(clock.now());
  const into = given ?? `${live}_restored_${id}`;
  if (into === live) {
    throw refused(`${live} is the live database: restore into another one, look at it, then \`restore switch\``);
  }
  if (!into.startsWith(`${live}_`)) throw refused(`"${into}" is no copy's name; begin it with ${live}_`);
  const { takenAt, contents } = await platform.dumps.require(dump);
  await platform.databaseJobs.requireTools();
  if (given !== undefined) refuseNewer(into, await inspect(context, into), contents);
  return { dump, takenAt, into, contents, id };
}

/** What is in the way goes only where the dump is at least as new. */
function refuseNewer(name: string, { contents }: Look, dumped: Contents): void {
  if (contents === undefined) return;
  const newer = newerIn(contents, dumped);
  if (newer.length === 0) return;
  throw refused(`${name} holds newer data than the dump (${newer.join("; ")}): restore into another database`);
}

/** What one database has and the other does not, by the times of rows; nothing where it is no newer. */
export function newerIn(one: Contents, other: Contents): readonly string[] {
  const newer = (what: string, mine?: string, theirs?: string) =>
    mine !== undefined && (theirs === undefined || mine > theirs)
      ? [`its newest ${what} is of ${mine}, against ${theirs ?? "none"}`]
      : [];
  return [...newer("tick", one.newestTick, other.newestTick), ...newer("write", one.newestWrite, other.newestWrite)];
}

export function restoreSteps(
  { dump, into, id }: Pick<RestorePlan, "dump" | "into" | "id">,
  context: Context,
): readonly Step[] {
  const { databaseJobs, dumps } = context.platform;
  return [
    {
      name: "restore",
      description: `restore ${dump} into ${into}, and compare every row with what was dumped`,
      run: async () => {
        const secrets = await dumps.addresses(dump);
        const args = ["into", into];
        await databaseJobs.run(context, { name: `database-restore-${id}`, command: "restore-database", args, secrets });
        return "it holds what was dumped";
      },
      undo: () =>
        databaseJobs.run(context, {
          name: `database-drop-${id}`,
          command: "restore-database",
          args: ["drop", into],
        }),
    },
  ];
}

/** A copy in the live database's place, and the live one beside it. */
export interface SwitchPlan {
  readonly copy: string;
  readonly live: string;
  /** Undefined where nothing is live. */
  readonly keptAs?: string;
  readonly id: string;
}

/** @throws OperationError with `refused` where there is no such copy, or the live database has what it has not */
export async function planSwitch(context: Context, copy: string, acceptLoss: boolean): Promise<SwitchPlan> {
  const live = context.environment.database.name;
  const { databases, contents } = await inspect(context, copy);
  if (copy === live) throw refused(`${live} is live already`);
  if (contents === undefined) {
    const copies = databases.filter((one) => one !== live);
    throw refused(
      `There is no database ${copy}; ${copies.length === 0 ? "no copy is there" : `there are ${copies.join(", ")}`}`,
    );
  }
  const { contents: now } = await inspect(context, live);
  if (!acceptLoss) refuseLoss(live, now, copy, contents);
  const id = stamp(context.clock.now());
  return { copy, live, keptAs: now === undefined ? undefined : `${live}_before_${id}`, id };
}

/** @throws OperationError with `refused` where the live database has what would take its place has not */
export function refuseLoss(live: string, now: Contents | undefined, successor: string, contents: Contents): void {
  const lost = now === undefined ? [] : newerIn(now, contents);
  if (lost.length === 0) return;
  throw refused(
    `${live} holds newer data than ${successor} (${lost.join("; ")}), which traders would not see any more. It stays on ` +
      "the server under another name; add --accept-loss to switch all the same",
  );
}

export function switchSteps({ copy, live, keptAs, id }: SwitchPlan, context: Context): readonly Step[] {
  const run = (name: string, args: readonly string[]) =>
    context.platform.databaseJobs.run(context, { name: `database-${name}-${id}`, command: "restore-database", args });
  return [
    {
      name: "switch",
      description: `give ${copy} the name ${live}${keptAs === undefined ? "" : `, and keep what was live as ${keptAs}`}`,
      run: () => run("switch", ["switch", copy, ...(keptAs === undefined ? [] : [keptAs])]).then(() => undefined),
      ...(keptAs === undefined ? {} : { undo: () => run("switch-back", ["switch", keptAs, copy]) }),
    },
    {
      name: "look",
      description: `see that ${live} answers with the copy's data`,
      run: async () => {
        const { contents } = await inspect(context, live);
        const users = contents?.tables["users"]?.rows;
        if (users === undefined) throw new Error(`${live} does not answer as the platform's database`);
        return `${users} users, newest tick ${contents?.newestTick ?? "none"}`;
      },
    },
  ];
}
