import { probeSchema } from "../../app/packages/contract/time-series";
import { later, MINUTE_MS, SECOND_MS } from "../core/clock";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { OperationError } from "../core/outcome";
import { until } from "../core/until";
import { databaseCommands } from "../recovery/database-jobs";
import { newerIn } from "../time-series/compare";
import { SCRATCH } from "../time-series/copy";
import { lookAt } from "../time-series/look";
import { requireServer } from "../time-series/require-server";
import { copySteps, sourceOf } from "../time-series/restore-copy";
import type { CopyPlan } from "../time-series/restore-copy";
import { archived, compareWith } from "../time-series/verify-backup";
import { deleted } from "../time-series/wait";
import type { DrillLog } from "./log";
import type { Part } from "./part";

export interface SeriesFailOver {
  readonly cluster: string;
  /** Name of the Job that writes meanwhile. */
  readonly probe: string;
}

const FAIL_OVER = "time series fail-over";
const RESTORE = "time series restore";

const NO_SERVER = "the time series are in the database on RDS";
const PROBE = "probe-writes";
const BEGIN_TIMEOUT_MS = 10 * MINUTE_MS;

/** A standby that was ended has its volume, and what it missed in the log. */
const WHOLE_TIMEOUT_MS = 20 * MINUTE_MS;

/** @returns why there is nothing to fail over to, or what there is */
export async function planSeriesFailOver({ platform }: Context, id: string): Promise<SeriesFailOver | string> {
  const { timeSeries: server } = platform;
  if (server === undefined) return NO_SERVER;
  const cluster = await server.live();
  const found = await server.find(cluster);
  if (found === undefined) return `the Cluster ${cluster} is gone`;
  if (found.wanted < 2) return `${cluster} has no standby`;
  const ready = (await server.instances(cluster)).filter((one) => one.ready).length;
  if (ready < found.wanted) return `${ready} of ${found.wanted} instances of ${cluster} are ready: see \`health\``;
  return { cluster, probe: `time-series-probe-${id}` };
}

/** The loss of the primary, with writes going on: how long there are none, and whether any that was acknowledged is lost. */
export function seriesFailOverPart({ cluster, probe }: SeriesFailOver, context: Context, log: DrillLog): Part {
  const { clock, platform } = context;
  const steps: readonly Step[] = [
    {
      name: "lose",
      description: `end the primary's pod of ${cluster} while writes go on, and wait until a standby takes them`,
      run: async () => {
        const { before = await lookAt(context, cluster) } = await log.of(FAIL_OVER);
        await log.note(FAIL_OVER, { before });
        await writing(context, probe);
        await lose(context, cluster, log);
        // It ends once writes have gone well again for a while.
        const answer = await platform.databaseJobs.run(context, { name: probe, command: PROBE, args: [] });
        const { longestGapMs, committed } = probeSchema.parse(answer);
        const lost = newerIn(before, await lookAt(context, cluster));
        if (lost.length > 0) throw new Error(`the standby had not everything: ${lost.join("; ")}`);
        const { beganAt = clock.now().toISOString() } = await log.of(FAIL_OVER);
        await log.note(FAIL_OVER, {
          recoveredAt: later(new Date(beganAt), longestGapMs).toISOString(),
          lostMs: 0,
          remark: `no writes for ${longestGapMs} ms`,
        });
        return `no writes for ${longestGapMs} ms, ${committed} beside, and none lost`;
      },
    },
    {
      name: "whole",
      description: "wait until what was ended follows again",
      run: () => whole(context, cluster),
    },
  ];
  return { name: FAIL_OVER, steps, recoveredBy: "lose" };
}

/** Starts what writes, and waits until it does: before, there is nothing to interrupt. */
async function writing(context: Context, name: string): Promise<void> {
  const { cluster } = context.platform;
  await cluster.startJob(name, databaseCommands[PROBE].like, { args: [`${PROBE}.js`] });
  await until(
    context,
    { what: `the Job ${name} to write`, timeoutMs: BEGIN_TIMEOUT_MS, everyMs: SECOND_MS },
    async () => {
      const state = await cluster.job(name);
      if (state.is === "failed") throw new Error(`the Job ${name} failed; the end of its log:\n${state.log}`);
      return state.is === "succeeded" || (await cluster.log(name)).includes("writing") ? true : undefined;
    },
  );
}

/** Ends the primary once, whoever it is by now: a second run would end the one that took over. */
async function lose(context: Context, name: string, log: DrillLog): Promise<void> {
  const server = requireServer(context);
  const primary = (await server.instances(name)).find((one) => one.primary)?.name;
  const { lost = primary } = await log.of(FAIL_OVER);
  if (lost === undefined) throw new Error(`${name} has no primary`);
  if (primary !== lost) return;
  await log.note(FAIL_OVER, { lost, beganAt: context.clock.now().toISOString() });
  await context.platform.cluster.kill(lost);
}

async function whole(context: Context, name: string): Promise<string> {
  const server = requireServer(context);
  const patience = { what: `every instance of ${name}`, timeoutMs: WHOLE_TIMEOUT_MS };
  return until(context, patience, async () => {
    const wanted = (await server.find(name))?.wanted ?? 0;
    const instances = await server.instances(name);
    const ready = instances.filter((one) => one.ready).length;
    context.progress.note(`${ready} of ${wanted} ready`);
    const primary = instances.find((one) => one.primary && one.ready);
    return ready >= wanted && primary !== undefined
      ? `${primary.name} takes writes, ${ready} of ${wanted} ready`
      : undefined;
  });
}

/** @returns why nothing can be restored, or the copy that is made */
export async function planSeriesRestore(context: Context, id: string): Promise<CopyPlan | string> {
  if (context.platform.timeSeries === undefined) return NO_SERVER;
  try {
    const { live, of } = await sourceOf(context);
    return { live, of, target: `${SCRATCH}${id}`, kept: false };
  } catch (error) {
    if (error instanceof OperationError) return error.message;
    throw error;
  }
}

/** As a verification, timed from when the copy is asked for. */
export function seriesRestorePart(plan: CopyPlan, context: Context, log: DrillLog): Part {
  const { live, target } = plan;
  const { clock } = context;
  const lookedAt = async () => {
    const { before } = await log.of(RESTORE);
    if (before === undefined) throw new Error(`nobody looked at ${live} before`);
    return before;
  };
  const [restore, ...rest] = copySteps(plan, context);
  const steps: readonly Step[] = [
    {
      name: "count",
      description: `see what ${live} holds`,
      run: async () => {
        const before = await lookAt(context, live);
        await log.note(RESTORE, { before });
        return `newest tick ${before.newestTick ?? "none"}`;
      },
    },
    archived(async () => new Date((await lookedAt()).counted.until), context),
    ...(restore === undefined
      ? []
      : [
          {
            ...restore,
            run: async () => {
              const now = clock.now();
              const lostMs = Math.max(0, now.getTime() - Date.parse((await lookedAt()).counted.until));
              await log.note(RESTORE, { beganAt: now.toISOString(), lostMs });
              return restore.run();
            },
          },
        ]),
    ...rest,
    compareWith({ live, target }, lookedAt, context),
    {
      name: "delete",
      description: `delete ${target}, and its volumes`,
      run: () => deleted(context, target).then(() => undefined),
    },
  ];
  return { name: RESTORE, steps, recoveredBy: "await" };
}
