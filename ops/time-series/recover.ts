import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { requireServer } from "./require-server";
import { copySteps, countStep, planCopy } from "./restore-copy";
import type { CopyPlan } from "./restore-copy";
import { clusterSwitchSteps, switchFrom } from "./switch-cluster";
import type { ClusterSwitch } from "./switch-cluster";

/** The newest moment on its way into the live server's place. */
export interface SeriesRecovery {
  readonly restore: CopyPlan;
  readonly change: ClusterSwitch;
}

/**
 * What a standby would take over needs no recovery: this is for a server of which nothing is left.
 *
 * @throws OperationError with `refused` where it answers and the loss is not accepted, or nothing can be restored
 */
export async function planSeriesRecovery(context: Context, acceptLoss: boolean): Promise<SeriesRecovery> {
  const server = requireServer(context);
  const live = await server.live();
  if (!acceptLoss && (await server.answers(live))) {
    throw refused(
      `${live} takes writes, and has all that a restore would bring back. --accept-loss puts the newest moment that was ` +
        "archived in its place all the same",
    );
  }
  const restore = await planCopy(context, {});
  const change = { copy: restore.target, acceptLoss, asleep: [], ...(await switchFrom(context, live, 1)) };
  return { restore, change };
}

/** Made, counted, and only then in the live server's place. */
export const seriesRestoreSteps = ({ restore }: SeriesRecovery, context: Context): readonly Step[] => [
  ...copySteps(restore, context),
  countStep(restore, context),
];

export const seriesSwitchSteps = ({ change }: SeriesRecovery, context: Context): readonly Step[] =>
  clusterSwitchSteps(change, context);
