import { MINUTE_MS } from "../core/clock";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { until } from "../core/until";
import type { BaseBackup } from "./base-backup";
import { requireServer } from "./require-server";
import { stamp } from "../recovery/inspect";
import { patient } from "./wait";

export interface BaseBackupPlan {
  readonly cluster: string;
  readonly name: string;
  /** Whether somebody else began it: its schedule, or a hand. */
  readonly found: boolean;
}

/** A base backup reads all there is: longer than a night, and something is wrong. */
const TIMEOUT_MS = 12 * 60 * MINUTE_MS;

/** @throws OperationError with `refused` where there is no such server, or nothing that a backup could be taken of */
export async function planBaseBackup(context: Context): Promise<BaseBackupPlan> {
  const server = requireServer(context);
  const cluster = await server.live();
  if ((await server.find(cluster)) === undefined) throw refused(`The Cluster ${cluster} is gone: see \`health\``);
  // The operator takes one at a time: a second would wait for it.
  const running = (await server.baseBackups()).find((one) => one.cluster === cluster && one.is === "under way");
  if (running !== undefined) return { cluster, name: running.name, found: true };
  if (!(await server.instances(cluster)).some(({ ready }) => ready)) {
    throw refused(`No instance of ${cluster} is ready, so that no backup can be taken: see \`health\``);
  }
  return { cluster, name: `${cluster}-manual-${stamp(context.clock.now())}`, found: false };
}

export function baseBackupSteps({ cluster, name, found }: BaseBackupPlan, context: Context): readonly Step[] {
  const server = requireServer(context);
  const begin: Step = {
    name: "begin",
    description: `have a base backup of ${cluster} taken, as ${name}`,
    run: () => server.beginBackup(name, cluster).then(() => undefined),
    undo: async () => {
      const taken = await server.baseBackup(name);
      // What is whole stays: it can be restored from.
      if (taken !== undefined && taken.is !== "complete") await server.deleteBackup(name);
    },
  };
  const wait: Step = {
    name: "await",
    description: `wait until ${found ? `${name}, which is under way already, ` : "it "}is whole`,
    run: async () => whole(await baseBackupTaken(context, name)),
  };
  return (found ? [wait] : [begin, wait]).map((step) => patient(step, context));
}

async function baseBackupTaken(context: Context, name: string): Promise<BaseBackup> {
  const server = requireServer(context);
  return until(context, { what: `the base backup ${name}`, timeoutMs: TIMEOUT_MS, everyMs: 15_000 }, async () => {
    const backup = await server.baseBackup(name);
    if (backup === undefined) throw new Error(`the base backup ${name} is gone: somebody deleted its record`);
    if (backup.is === "complete") return backup;
    if (backup.is === "failed") throw new Error(`the base backup ${name} failed: ${reasonOf(backup)}`);
    context.progress.note(`${backup.phase}${backup.instance === undefined ? "" : ` on ${backup.instance}`}`);
    return undefined;
  });
}

const reasonOf = ({ error, phase }: BaseBackup) => (error === "" ? `it is "${phase}"` : error);

const whole = ({ id, instance, endWal }: BaseBackup) =>
  `${id ?? "without an id"} of ${instance ?? "an instance"}, with the log up to ${endWal ?? "its end"}`;
