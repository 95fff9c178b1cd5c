import type { SeriesLook } from "../../app/packages/contract/time-series";
import { seriesLookSchema } from "../../app/packages/contract/time-series";
import { TIME_SERIES, TIME_SERIES_BOOTSTRAP_JOB } from "../../config/names";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { stamp } from "../recovery/inspect";
import { runOnce } from "../trading/run-once";
import { newerIn } from "./compare";
import { CLUSTER_NAME } from "./copy";
import { hostsOf, lookAt } from "./look";
import { requireServer } from "./require-server";
import { down, patient, up } from "./wait";

/** Every instance of a cluster. */
const ALL = ["*"];

/** A cluster in the live one's place. */
export interface ClusterSwitch {
  readonly copy: string;
  readonly live: string;
  /** The live cluster as it was found; absent where it is gone. */
  readonly found?: { readonly answers: boolean; readonly fenced: readonly string[] };
  /** Instances of the copy that are kept from running: it was live before, and another took its place. */
  readonly asleep: readonly string[];
  readonly acceptLoss: boolean;
  /** Whether the copy has to become as large as what it replaces. */
  readonly enlarge: boolean;
  /** Part of the Job's name. */
  readonly id: string;
}

/** @throws OperationError with `refused` where there is no such copy, or the live cluster has what it has not */
export async function planClusterSwitch(context: Context, copy: string, acceptLoss: boolean): Promise<ClusterSwitch> {
  const server = requireServer(context);
  if (!CLUSTER_NAME.test(copy)) throw refused(`"${copy}" is no Cluster's name`);
  const live = await server.live();
  if (copy === live) throw refused(`${live} is live already`);
  const found = await server.find(copy);
  if (found === undefined) {
    const others = (await server.clusters()).map(({ name }) => name).filter((name) => name !== live);
    throw refused(
      `There is no Cluster ${copy}; ${others.length === 0 ? "no copy is there" : `there are ${others.join(", ")}`}`,
    );
  }
  const asleep = found.fenced;
  if (!found.archives)
    throw refused(`${copy} archives no log, so that nothing of it could be restored: restore another`);
  if (asleep.length === 0) {
    if (found.archiving?.works === false) {
      throw refused(
        `${copy} cannot archive its log, so that nothing of it could be restored: ${found.archiving.message}. Where ` +
          "an earlier Cluster of that name has archived, restore into one of another",
      );
    }
    if (!(await server.answers(copy))) throw refused(`${copy} takes no writes: see \`health\`, and wait until it does`);
    if (!acceptLoss) refuseLoss(live, await contentsOf(context, live), copy, await lookAt(context, copy));
  }
  return { copy, acceptLoss, asleep, ...(await switchFrom(context, live, found.wanted)) };
}

/** What a switch away from the live cluster begins with. @param wanted instances that the other one has */
export async function switchFrom(context: Context, live: string, wanted: number) {
  const server = requireServer(context);
  const now = await server.find(live);
  return {
    live,
    ...(now === undefined ? {} : { found: { answers: await server.answers(live), fenced: now.fenced } }),
    enlarge: now !== undefined && now.wanted > wanted,
    id: stamp(context.clock.now()),
  };
}

/** What a cluster holds; undefined where it cannot be asked, so that it has nothing to lose that could be seen. */
async function contentsOf(context: Context, cluster: string): Promise<SeriesLook | undefined> {
  return (await requireServer(context).answers(cluster)) ? lookAt(context, cluster) : undefined;
}

function refuseLoss(live: string, now: SeriesLook | undefined, copy: string, contents: SeriesLook): void {
  const lost = now === undefined ? [] : newerIn(now, contents);
  if (lost.length === 0) return;
  throw refused(
    `${live} holds newer data than ${copy} (${lost.join("; ")}), which nobody would see any more. It stays as it is, and ` +
      "nothing is written to it; add --accept-loss to switch all the same",
  );
}

/**
 * Nothing is written to what was live from before clients are led away until somebody goes back. Once the copy has answered
 * there is no undoing: the way back is a switch again.
 */
export function clusterSwitchSteps(plan: ClusterSwitch, context: Context): readonly Step[] {
  const { copy, live, found, asleep, acceptLoss, enlarge } = plan;
  const server = requireServer(context);
  const steps: readonly Step[] = [
    ...(asleep.length > 0 ? [wake(plan, context)] : []),
    prepare(plan, context),
    ...(acceptLoss ? [] : [compare(plan, context)]),
    ...(found === undefined ? [] : [fence(live, found, context)]),
    {
      name: "lead",
      description: `have clients reach ${copy} as ${TIME_SERIES}`,
      run: () => server.lead(copy).then(() => undefined),
      undo: async () => {
        await server.lead(live);
        // Who has connected meanwhile would go on writing there.
        await server.fence(copy, ALL);
        await down(context, copy);
        if (asleep.length === 0) await awaken(context, copy);
      },
    },
    {
      name: "look",
      description: `see that ${TIME_SERIES} answers with the data of ${copy}`,
      run: async () => {
        const answer = seriesLookSchema.parse(await runOnce(context, { command: "inspect-time-series" }));
        if (answer.problems.length > 0) throw new Error(`it is not whole: ${answer.problems.join("; ")}`);
        return `newest tick ${answer.newestTick ?? "none"}`;
      },
    },
    {
      name: "schedule",
      description: `have base backups of ${copy} taken, and none of ${live}`,
      run: () => server.moveSchedule(live, copy).then(() => undefined),
      final: true,
    },
    ...(enlarge
      ? [
          {
            name: "enlarge",
            description: `give ${copy} as many instances as ${live} has`,
            run: () => server.enlarge(copy, live).then(() => "made while the first one is at work"),
            final: true,
          },
        ]
      : []),
  ];
  return steps.map((step) => patient(step, context));
}

function wake({ copy, asleep }: ClusterSwitch, context: Context): Step {
  const server = requireServer(context);
  return {
    name: "wake",
    description: `let PostgreSQL run in ${copy} again`,
    run: () => awaken(context, copy).then(() => undefined),
    undo: () => server.fence(copy, asleep),
  };
}

function fence(live: string, found: NonNullable<ClusterSwitch["found"]>, context: Context): Step {
  const server = requireServer(context);
  return {
    name: "fence",
    description: `stop PostgreSQL in every instance of ${live}, which ends all connections`,
    run: async () => {
      await server.fence(live, ALL);
      await down(context, live);
      return undefined;
    },
    undo: async () => {
      await server.fence(live, found.fenced);
      // What did not answer before is not waited for.
      if (found.answers) await up(context, live);
    },
  };
}

async function awaken(context: Context, cluster: string): Promise<void> {
  await requireServer(context).fence(cluster, []);
  await up(context, cluster);
}

/** Passwords of roles are those of the moment that it was restored to, and tables those of its release. */
function prepare({ copy, id }: ClusterSwitch, context: Context): Step {
  const { databaseJobs, release } = context.platform;
  return {
    name: "prepare",
    description: `bring passwords and tables of ${copy} to what services need`,
    run: async () => {
      const { live: colour, images } = await release.read();
      await databaseJobs.run(context, {
        name: `${TIME_SERIES_BOOTSTRAP_JOB}-${id}`,
        command: "bootstrap-database",
        args: [],
        hosts: await hostsOf(context, copy),
        ...(images[colour] === "" ? {} : { image: images[colour] }),
      });
      return undefined;
    },
  };
}

function compare({ copy, live }: ClusterSwitch, context: Context): Step {
  return {
    name: "compare",
    description: `see that ${live} holds nothing that ${copy} has not`,
    run: async () => {
      const until = context.clock.now();
      refuseLoss(live, await contentsOf(context, live), copy, await lookAt(context, copy, until));
      return undefined;
    },
  };
}

/** What an operator has to do yet. */
export function switchedLines({ copy, live, found }: ClusterSwitch, declared: string): readonly string[] {
  return [
    `${TIME_SERIES} leads to ${copy}.`,
    ...(found !== undefined
      ? [`What was live is kept as ${live}, fenced; back again: restore switch-time-series ${live}`]
      : []),
    ...(copy === declared
      ? []
      : [`Set timeSeries.cluster to "${copy}" in the environment's file, and deploy "trading".`]),
    `Until a base backup of ${copy} is whole, nothing of it can be restored: backup --time-series waits for it.`,
  ];
}
