import { BOOTSTRAP_JOB, TIME_SERIES_BOOTSTRAP_JOB } from "../../config/names";
import { MINUTE_MS } from "../core/clock";
import { until } from "../core/until";
import type { Context } from "../core/context";

/** More than the Job's own deadline, which makes it fail. */
const TIMEOUT_MS = 25 * MINUTE_MS;

/**
 * Brings the database to what an image needs, and then the time series' own server where there is one, each by a Job in
 * the cluster.
 *
 * @param job name of the Job for the database, which begins with `BOOTSTRAP_JOB`: the same one a second time is not run again
 * @throws Error with the last lines of a Job's log when it fails
 */
export async function runBootstrap(context: Context, job: string, image: string): Promise<string> {
  await runJob(context, job, BOOTSTRAP_JOB, image);
  if (context.platform.timeSeries === undefined) return "the database is up to date";
  await runJob(context, job.replace(BOOTSTRAP_JOB, TIME_SERIES_BOOTSTRAP_JOB), TIME_SERIES_BOOTSTRAP_JOB, image);
  return "the database and the time series' server are up to date";
}

async function runJob(context: Context, job: string, like: string, image: string): Promise<void> {
  const { cluster } = context.platform;
  await until(context, { what: `the Job ${job}`, timeoutMs: TIMEOUT_MS }, async () => {
    await cluster.startJob(job, like, { image });
    const state = await cluster.job(job);
    if (state.is === "failed") throw new Error(`the Job ${job} failed; the end of its log:\n${state.log}`);
    return state.is === "succeeded" ? true : undefined;
  });
}
