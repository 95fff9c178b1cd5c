import { BOOTSTRAP_JOB } from "../../config/names";
import { MINUTE_MS } from "../core/clock";
import { until } from "../core/until";
import type { Context } from "../core/context";

/** More than the Job's own deadline, which makes it fail. */
const TIMEOUT_MS = 20 * MINUTE_MS;

/**
 * Brings the database to what an image needs, by a Job in the cluster.
 *
 * @param job name of the Job: the same one a second time is not run again
 * @throws Error with the last lines of its log when it fails
 */
export async function runBootstrap(context: Context, job: string, image: string): Promise<string> {
  const { cluster } = context.platform;
  const patience = { what: `the Job ${job}`, timeoutMs: TIMEOUT_MS };
  return until(context, patience, async () => {
    await cluster.startJob(job, BOOTSTRAP_JOB, { image });
    const state = await cluster.job(job);
    if (state.is === "failed") throw new Error(`the Job ${job} failed; the end of its log:\n${state.log}`);
    return state.is === "succeeded" ? "the database is up to date" : undefined;
  });
}
