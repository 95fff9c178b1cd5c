import { TIME_SERIES } from "../../config/names";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { stamp } from "../recovery/inspect";
import { newerIn } from "./compare";
import { CLUSTER_NAME, SCRATCH } from "./copy";
import { lookAt } from "./look";
import { requireServer } from "./require-server";
import { deleted, patient, restored } from "./wait";

/** A moment on its way into a cluster of its own. */
export interface CopyPlan {
  /** Cluster that is live, and whose settings the copy gets. */
  readonly live: string;
  /** Server in the bucket. */
  readonly of: string;
  /** ISO 8601; the newest that was archived when undefined. */
  readonly time?: string;
  readonly target: string;
  /** Whether it is to become live, or only looked into. */
  readonly kept: boolean;
}

interface Wanted {
  readonly time?: string | undefined;
  readonly into?: string | undefined;
  readonly of?: string | undefined;
}

/**
 * What a copy is made after, and from.
 *
 * @param given server in the bucket; the live one when undefined
 * @throws OperationError with `refused` where either is not there
 */
export async function sourceOf(context: Context, given?: string) {
  const server = requireServer(context);
  const live = await server.live();
  const model = await server.find(live);
  if (model === undefined) throw goneModel(live);
  const of = given ?? model.serverName;
  const windows = await server.windows();
  const others = Object.entries(windows).flatMap(([name, { from }]) =>
    from === undefined || name === of ? [] : [`${name} from ${from} on`],
  );
  const elsewhere = others.length === 0 ? "" : `; with --of there is ${others.join(", ")}`;
  const { from, lastBackup } = windows[of] ?? {};
  if (from === undefined) {
    throw refused(`The bucket has no base backup of ${of}: take one with \`backup --time-series\`${elsewhere}`);
  }
  return { live, of, from, lastBackup, elsewhere, servers: Object.keys(windows) };
}

/** @throws OperationError with `refused` where the bucket has not what it takes, or something is in the way */
export async function planCopy(context: Context, { time, into, of: given }: Wanted): Promise<CopyPlan> {
  const server = requireServer(context);
  const { live, of, from, elsewhere, servers } = await sourceOf(context, given);
  if (time !== undefined && Date.parse(time) < Date.parse(from)) {
    throw refused(`${of} can be restored to moments from ${from} on, not to ${time}${elsewhere}`);
  }
  if (time !== undefined && Date.parse(time) > context.clock.now().getTime()) {
    throw refused(`${time} is yet to come: leave it away to restore the newest moment`);
  }
  const target = into ?? `${TIME_SERIES}-restored-${stamp(context.clock.now())}`;
  if (!CLUSTER_NAME.test(target) || !target.startsWith(`${TIME_SERIES}-`)) {
    throw refused(
      `"${target}" is no copy's name; begin it with ${TIME_SERIES}-, and use at most 50 lower-case letters, digits and hyphens`,
    );
  }
  if (target.startsWith(SCRATCH)) {
    throw refused(`${target} would go with the next \`verify-backup\`, which deletes what begins with ${SCRATCH}`);
  }
  if ((await server.find(target)) !== undefined) {
    throw refused(`There is a Cluster ${target} already, which may hold newer data: restore into another one`);
  }
  // Archived log of another cluster under the same name would be its own: the operator refuses to mix the two.
  if (servers.includes(target)) {
    throw refused(`The bucket has backups of a server ${target} already: restore into one of another name`);
  }
  return { live, of, ...(time === undefined ? {} : { time }), target, kept: true };
}

/** A copy is made after the live Cluster: without that object nobody knows of what image, size and certificates it is. */
const goneModel = (live: string) =>
  refused(
    `The Cluster ${live}, which a copy would be made after, is gone. Put it back as it is declared, empty: ` +
      `\`helm get manifest ${TIME_SERIES} -n <namespace> | kubectl create -f -\`; then type this again (docs/runbooks/recover.md)`,
  );

export function copySteps({ live, of, time, target, kept }: CopyPlan, context: Context): readonly Step[] {
  const server = requireServer(context);
  const moment = time ?? "its newest moment";
  const steps: readonly Step[] = [
    {
      name: "restore",
      description: `have ${target} made from the backups of ${of}, at ${moment}`,
      run: () => server.copy({ name: target, of, time, kept }, live).then(() => undefined),
      undo: () => deleted(context, target),
    },
    {
      name: "await",
      description: "wait until it is restored and takes writes",
      run: () => restored(context, target).then(() => undefined),
    },
  ];
  return steps.map((step) => patient(step, context));
}

/** Whether a copy can be read, and how far it is behind. */
export function countStep({ live, target }: CopyPlan, context: Context): Step {
  const server = requireServer(context);
  const count: Step = {
    name: "count",
    description: `see whether ${target} is whole, and how new it is`,
    run: async () => {
      const until = context.clock.now();
      const copy = await lookAt(context, target, until);
      if (copy.problems.length > 0) throw new Error(`${target} is not whole: ${copy.problems.join("; ")}`);
      const is = `newest tick ${copy.newestTick ?? "none"}`;
      if (!(await server.answers(live))) return `${is}; ${live} cannot be asked`;
      const behind = newerIn(await lookAt(context, live, until), copy);
      return behind.length === 0 ? `${is}: as new as ${live}` : `${is}; ${live} is newer: ${behind.join("; ")}`;
    },
  };
  return patient(count, context);
}
