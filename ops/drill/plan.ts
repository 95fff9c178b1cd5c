import { dumpName } from "../../app/packages/contract/dumps";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { OperationError, refused } from "../core/outcome";
import { stamp } from "../recovery/inspect";
import { restoreSteps } from "../recovery/restore-dump";
import { dumpSteps } from "../recovery/take-dump";
import { planRelease } from "../release/plan";
import type { ReleasePlan } from "../release/plan";
import type { CopyPlan } from "../time-series/restore-copy";
import { scaleToZero } from "../release/pods";
import { standingSteps } from "../release/standing";
import { releaseSteps, settledState } from "../release/steps";
import { failOverSteps, planFailOver } from "./fail-over";
import type { FailOverPlan } from "./fail-over";
import { DrillLog } from "./log";
import { applicationLoss, feedLoss } from "./loss";
import { planSeriesFailOver, planSeriesRestore, seriesFailOverPart, seriesRestorePart } from "./time-series";
import type { SeriesFailOver } from "./time-series";
import { partSteps } from "./part";
import type { Part } from "./part";
import type { PartName } from "./targets";

export interface DrillPlan {
  readonly id: string;
  readonly release?: ReleasePlan;
  readonly failOver?: FailOverPlan;
  readonly seriesFailOver?: SeriesFailOver;
  readonly seriesRestore?: CopyPlan;
  /** Dump that is made and restored, and the copy's name. */
  readonly dump: string;
  readonly into: string;
  /** Parts that cannot be done in this environment, with the reason. */
  readonly skipped: Readonly<Partial<Record<PartName, string>>>;
}

/** @throws OperationError with `refused` for the environment whose traders are real */
export async function planDrill(context: Context): Promise<DrillPlan> {
  const { environment, clock } = context;
  if (environment.operators.confirmByName) {
    throw refused(
      `${environment.name} is no place for a drill: it ends pods and lets the database fail over. Use staging, which has the same shape`,
    );
  }
  const [release, failOver] = [await releaseOfLive(context), await planFailOver(context)];
  const { name } = environment.database;
  const id = stamp(clock.now());
  const seriesFailOver = await planSeriesFailOver(context, id);
  const seriesRestore = await planSeriesRestore(context, id);
  return {
    id,
    ...(typeof release === "string" ? {} : { release }),
    ...(typeof failOver === "string" ? {} : { failOver }),
    ...(typeof seriesFailOver === "string" ? {} : { seriesFailOver }),
    ...(typeof seriesRestore === "string" ? {} : { seriesRestore }),
    dump: dumpName(name, clock.now()),
    into: `${name}_drill_${id}`,
    skipped: {
      ...(typeof release === "string" ? { release, rollback: release } : {}),
      ...(typeof failOver === "string" ? { "fail-over": failOver } : {}),
      ...(typeof seriesFailOver === "string" ? { "time series fail-over": seriesFailOver } : {}),
      ...(typeof seriesRestore === "string" ? { "time series restore": seriesRestore } : {}),
    },
  };
}

/** @returns why it cannot be released again, or how */
async function releaseOfLive(context: Context): Promise<ReleasePlan | string> {
  const { live, images } = await context.platform.release.read();
  const image = images[live];
  if (image === "") return "nothing was ever released here";
  // What is measured is the way back: the soak finds faults of an image, and this one is known.
  const options = { weights: [100], soak: 0, maxErrors: 100, maxLatency: Number.MAX_SAFE_INTEGER, keepPrevious: true };
  try {
    return await planRelease(context, image, options, true);
  } catch (error) {
    if (error instanceof OperationError) return error.message;
    throw error;
  }
}

export function drillSteps(plan: DrillPlan, context: Context): readonly Step[] {
  const log = new DrillLog(context.records, plan.id);
  const parts: readonly Part[] = [
    ...(plan.release === undefined ? [] : thereAndBack(plan.release, context)),
    { name: "application", steps: [applicationLoss(context, log)] },
    { name: "market data", steps: [feedLoss(context, log)] },
    ...(plan.failOver === undefined
      ? []
      : [{ name: "fail-over" as const, steps: failOverSteps(plan.failOver, context, log) }]),
    ...(plan.seriesFailOver === undefined ? [] : [seriesFailOverPart(plan.seriesFailOver, context, log)]),
    { name: "backup", steps: dumpSteps({ name: plan.dump, id: plan.id }, context) },
    { name: "restore", after: "backup", recoveredBy: "restore", steps: restoreToCopy(plan, context, log) },
    ...(plan.seriesRestore === undefined ? [] : [seriesRestorePart(plan.seriesRestore, context, log)]),
  ];
  return parts.flatMap((part) => partSteps(part, log, context));
}

/** The live image on the idle colour, back at once, and everything as it was before. */
function thereAndBack(release: ReleasePlan, context: Context): readonly Part[] {
  const { platform } = context;
  const { from, to, before, idleImages } = release;
  const back = standingSteps({ from: to, to: from, before: settledState(release) }, context);
  const tidy: Step = {
    name: "tidy",
    description: `put the images of ${to} back`,
    final: true,
    run: async () => {
      await scaleToZero(context, to, idleImages);
      await platform.release.write(before);
      return undefined;
    },
  };
  return [
    { name: "release", steps: releaseSteps(release, context) },
    { name: "rollback", after: "release", recoveredBy: "weights", steps: [...back, tidy] },
  ];
}

function restoreToCopy({ dump, into, id }: DrillPlan, context: Context, log: DrillLog): readonly Step[] {
  const { clock, platform } = context;
  return [
    {
      name: "age",
      description: "see how old the dump is",
      run: async () => {
        const { takenAt } = await platform.dumps.require(dump);
        const lostMs = Math.max(0, clock.now().getTime() - Date.parse(takenAt));
        await log.note("restore", { lostMs });
        return undefined;
      },
    },
    ...restoreSteps({ dump, into, id }, context),
    {
      name: "drop",
      description: `drop ${into}`,
      run: async () => {
        const job = { name: `database-drop-${id}`, command: "restore-database", args: ["drop", into] } as const;
        await platform.databaseJobs.run(context, job);
        return undefined;
      },
    },
  ];
}
