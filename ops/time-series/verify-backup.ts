import type { SeriesLook } from "../../app/packages/contract/time-series";
import { SECOND_MS } from "../core/clock";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { until } from "../core/until";
import { stamp } from "../recovery/inspect";
import { differences } from "./compare";
import { SCRATCH } from "./copy";
import { lookAt } from "./look";
import { requireServer } from "./require-server";
import { copySteps, sourceOf } from "./restore-copy";
import type { CopyPlan } from "./restore-copy";
import { deleted, patient } from "./wait";

export interface VerificationPlan extends CopyPlan {
  /** When the newest base backup was over. */
  readonly takenAt: string;
  /** Time up to which rows are counted. */
  readonly until: string;
  /** What the live server held before the copy was made. */
  readonly before: SeriesLook;
}

/** The server closes a segment of its log every 30 seconds (`archive_timeout`), which is then on its way. */
const ARCHIVE_MS = 60 * SECOND_MS;

/** @throws OperationError with `refused` where there is no base backup, or nothing to compare a copy with */
export async function planVerification(context: Context): Promise<VerificationPlan> {
  const server = requireServer(context);
  const { live, of, lastBackup } = await sourceOf(context);
  if (lastBackup === undefined)
    throw refused(`No base backup of ${of} was ever whole: take one with \`backup --time-series\``);
  if (!(await server.answers(live))) {
    throw refused(
      `${live} takes no writes, so that no copy can be compared with it: \`restore time-series\` makes one to look into`,
    );
  }
  const now = context.clock.now();
  return {
    ...{ live, of, target: `${SCRATCH}${stamp(now)}`, kept: false, takenAt: lastBackup },
    until: now.toISOString(),
    before: await lookAt(context, live, now),
  };
}

/** Nothing of the copy stays, however it ends. */
export function verificationSteps(plan: VerificationPlan, context: Context): readonly Step[] {
  const { target, until: lookedAt, before } = plan;
  const steps: readonly Step[] = [
    tidy(target, context),
    archived(() => Promise.resolve(new Date(lookedAt)), context),
    ...copySteps(plan, context),
    compareWith(plan, () => Promise.resolve(before), context),
    {
      name: "delete",
      description: `delete ${target}, and its volumes`,
      run: () => deleted(context, target).then(() => undefined),
    },
  ];
  return steps.map((step) => patient(step, context));
}

/** What an earlier one has left that was given up; never what is or may become live, whatever it is called. */
function tidy(target: string, context: Context): Step {
  const server = requireServer(context);
  return {
    name: "tidy",
    description: "delete copies of earlier verifications",
    run: async () => {
      const archiving = (await server.clusters()).filter(({ archives }) => archives).map(({ name }) => name);
      const kept = [target, await server.live(), server.place.declared, ...archiving];
      const left = (await server.namesOf(SCRATCH)).filter((name) => !kept.includes(name));
      for (const name of left) await deleted(context, name);
      return left.length === 0 ? "none" : left.join(", ");
    },
  };
}

/** What was looked at has to be in the bucket before a copy is made of it. */
export function archived(lookedAt: () => Promise<Date>, context: Context): Step {
  const { clock } = context;
  return {
    name: "archive",
    description: "wait until the log of what was looked at is archived",
    run: async () => {
      const from = (await lookedAt()).getTime();
      const patience = { what: "time to pass", timeoutMs: 2 * ARCHIVE_MS };
      await until(context, patience, () =>
        Promise.resolve(clock.now().getTime() - from >= ARCHIVE_MS ? true : undefined),
      );
      return undefined;
    },
  };
}

/**
 * Holds a copy against its original.
 *
 * @param lookedAt what the original held before the copy was made
 */
export function compareWith(
  { live, target }: Pick<CopyPlan, "live" | "target">,
  lookedAt: () => Promise<SeriesLook>,
  context: Context,
): Step {
  return {
    name: "compare",
    description: `hold ${target} against what ${live} held before, and holds now`,
    run: async () => {
      const before = await lookedAt();
      const time = new Date(before.counted.until);
      const copy = await lookAt(context, target, time);
      const wrong = differences(before, copy, await lookAt(context, live, time));
      if (wrong.length > 0) throw new Error(`the copy is not what it should be: ${wrong.join("; ")}`);
      const chunks = copy.timescaledb === undefined ? "" : `, ${copy.timescaledb.chunks} chunks can be read`;
      return `${copy.ticks} ticks of the week${chunks}, newest tick ${copy.newestTick ?? "none"}`;
    },
  };
}
