import type { DBInstance } from "@aws-sdk/client-rds";
import type { Contents } from "../../app/packages/contract/dumps";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { inspect, stamp } from "./inspect";
import type { Origin } from "./instances";
import { newerIn } from "./restore-dump";

/** A snapshot or a moment on its way into an instance of its own. */
export interface InstancePlan {
  readonly origin: Origin;
  readonly live: string;
  readonly target: string;
  readonly id: string;
}

/** @throws OperationError with `refused` where there is no such snapshot, or no log reaches the moment */
export async function planInstance(context: Context, origin: Origin, given?: string): Promise<InstancePlan> {
  const { environment, platform, clock } = context;
  const live = environment.database.identifier;
  await liveInstance(context);
  if ("snapshot" in origin) {
    const known = await platform.instances.snapshots(live);
    if (!known.includes(origin.snapshot)) {
      const others = known.length === 0 ? "it has none" : `it has ${known.slice(0, 5).join(", ")}`;
      throw refused(`${live} has no snapshot "${origin.snapshot}" that is whole; ${others}`);
    }
  } else {
    const window = await platform.instances.restorable(live);
    if (window === undefined) throw refused(`${live} keeps no logs: restore a snapshot or a dump`);
    if (origin.time < window.from || origin.time > window.until) {
      throw refused(`${live} can be restored to moments from ${window.from} to ${window.until}, not to ${origin.time}`);
    }
  }
  const id = stamp(clock.now());
  const target = given ?? `${live}-restored-${id}`;
  if (target === live) throw refused(`${live} is live: restore into another instance, look at it, then switch`);
  if ((await platform.instances.find(target)) !== undefined) {
    throw refused(`There is an instance ${target} already, which may hold newer data: restore into another one`);
  }
  return { origin, live, target, id };
}

export function instanceSteps({ origin, live, target }: InstancePlan, context: Context): readonly Step[] {
  const { instances } = context.platform;
  return [
    {
      name: "restore",
      description: `have RDS make ${target} from ${"snapshot" in origin ? origin.snapshot : `${origin.of} at ${origin.time}`}`,
      run: async () => instances.restore(origin, target, await liveInstance(context)).then(() => undefined),
      undo: () => instances.delete(target),
    },
    {
      name: "await",
      description: "wait until it is up",
      run: async () => (await instances.available(context, target)).Endpoint?.Address,
    },
    {
      name: "look",
      description: `count the rows of ${target}, and see how old its newest ones are`,
      run: async () => {
        const [restored, now] = [await contentsOf(context, target), await contentsOf(context, live)];
        if (restored.migrations.length === 0) throw new Error(`${target} holds no tables of the platform`);
        const behind = newerIn(now, restored);
        return behind.length === 0 ? `as new as ${live}` : `${live} is newer: ${behind.join("; ")}`;
      },
    },
  ];
}

export interface InstanceSwitchPlan {
  readonly copy: string;
  readonly live: string;
  readonly keptAs: string;
}

/** @throws OperationError with `refused` where there is no such instance, or the live one has what it has not */
export async function planInstanceSwitch(
  context: Context,
  copy: string,
  acceptLoss: boolean,
): Promise<InstanceSwitchPlan> {
  const live = context.environment.database.identifier;
  if (copy === live) throw refused(`${live} is live already`);
  if ((await context.platform.instances.find(copy)) === undefined) throw refused(`There is no instance ${copy}`);
  const restored = await contentsOf(context, copy);
  // One that is gone, or does not answer, has nothing left to lose.
  const now = await contentsOf(context, live).catch(() => undefined);
  const lost = now === undefined ? [] : newerIn(now, restored);
  if (lost.length > 0 && !acceptLoss) {
    throw refused(
      `${live} holds newer data than ${copy} (${lost.join("; ")}), which traders would not see any more. It stays ` +
        "under another name; add --accept-loss to switch all the same",
    );
  }
  return { copy, live, keptAs: `${live}-before-${stamp(context.clock.now())}` };
}

/** Instances swap names, and with them addresses: a connection to the live one's address reaches the other's data. */
export function instanceSwitchSteps({ copy, live, keptAs }: InstanceSwitchPlan, context: Context): readonly Step[] {
  const { instances } = context.platform;
  const move = (from: string, to: string) => async () => {
    if ((await instances.find(from)) === undefined && (await instances.find(to)) === undefined) return undefined;
    await instances.rename(from, to);
    await instances.available(context, to);
    return undefined;
  };
  return [
    {
      name: "settings",
      description: `give ${copy} the backups, windows and protection of ${live}`,
      run: async () => {
        const model = await instances.find(live);
        if (model === undefined) return `${live} is gone: a deploy of "data" sets them`;
        await instances.finishSettings(copy, model);
        await instances.available(context, copy);
        return undefined;
      },
    },
    {
      name: "step aside",
      description: `rename ${live} to ${keptAs}`,
      run: move(live, keptAs),
      undo: move(keptAs, live),
    },
    { name: "step in", description: `rename ${copy} to ${live}`, run: move(copy, live), undo: move(live, copy) },
    {
      name: "look",
      description: `see that ${live} answers with the restored data`,
      run: async () => `newest tick ${(await contentsOf(context, live)).newestTick ?? "none"}`,
    },
  ];
}

/** What the platform's database on an instance holds. */
async function contentsOf(context: Context, instance: string): Promise<Contents> {
  const { name } = context.environment.database;
  const { Endpoint } = (await context.platform.instances.find(instance)) ?? {};
  if (Endpoint?.Address === undefined) throw new Error(`${instance} has no address`);
  // As the services: the owner's password changes every week, and a restored instance has the one of its time.
  const env = { DB_HOST: Endpoint.Address, DB_OWNER_USERNAME: "", DB_OWNER_PASSWORD: "" };
  const { contents } = await inspect(context, name, env);
  if (contents === undefined) throw new Error(`${instance} has no database ${name}`);
  return contents;
}

async function liveInstance({ environment, platform }: Context): Promise<DBInstance> {
  const { identifier } = environment.database;
  const found = await platform.instances.find(identifier);
  if (found === undefined) throw refused(`There is no instance ${identifier}: deploy the stack "data" first`);
  return found;
}
