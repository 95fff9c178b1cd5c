import { MINUTE_MS } from "../core/clock";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { until } from "../core/until";
import { requireServer } from "./require-server";

/** Hundreds of GiB from the bucket, and a week of log on top. */
const RESTORE_TIMEOUT_MS = 12 * 60 * MINUTE_MS;

/** What PostgreSQL shuts down in, and starts in, after a fence: its log since the last checkpoint is replayed. */
const FENCE_TIMEOUT_MS = 60 * MINUTE_MS;

/** The driver gives volumes back within seconds; a pod has half an hour to end. */
const DELETE_TIMEOUT_MS = 60 * MINUTE_MS;

/** Hint for a recovery that came to the end of the log before its moment. Source: PostgreSQL, xlogrecovery.c. */
const NEVER_REACHED = "recovery ended before configured recovery target was reached";

/** Time that the API server may be away before a step gives up, and with it hours of others. */
const AWAY_TIMEOUT_MS = 10 * MINUTE_MS;

/** A step that is done again while the API server does not answer, which every step may be. */
export function patient(step: Step, context: Context): Step {
  const again = async <T>(work: () => Promise<T>): Promise<T> => {
    const patience = { what: "the API server", timeoutMs: AWAY_TIMEOUT_MS };
    return (await until(context, patience, async () => ({ result: await work() }))).result;
  };
  return {
    ...step,
    run: () => again(() => step.run()),
    ...(step.undo === undefined ? {} : { undo: () => again(async () => step.undo?.()) }),
  };
}

/** Waits until a copy was restored and takes writes. @throws Error with the recovery's last words when it has failed */
export async function restored(context: Context, name: string): Promise<void> {
  const server = requireServer(context);
  const { platform, progress } = context;
  const patience = { what: `the copy ${name}`, timeoutMs: RESTORE_TIMEOUT_MS, everyMs: 15_000 };
  await until(context, patience, async () => {
    const found = await server.find(name);
    if (found === undefined) throw new Error(`the Cluster ${name} is gone: somebody deleted it`);
    if (found.phase === "Invalid cluster definition") throw new Error(`its operator refuses it: ${found.reason}`);
    if (await server.answers(name)) return true;
    const recovery = await server.recovery(name);
    if (recovery?.failed === true) {
      const log = await platform.cluster.log(recovery.job);
      const hint = log.includes(NEVER_REACHED)
        ? "\nNothing was written after that moment: choose an earlier one, or none, which is the newest"
        : "";
      throw new Error(`the recovery of ${name} failed; the end of its log:\n${log}${hint}`);
    }
    const tries = recovery === undefined || recovery.tries === 0 ? "" : `, ${recovery.tries} tries failed`;
    progress.note(`${found.phase}${tries}`);
    return undefined;
  });
}

/** Waits until no instance of a cluster takes or holds a connection. */
export async function down(context: Context, name: string): Promise<void> {
  const server = requireServer(context);
  await until(context, { what: `${name} to be down`, timeoutMs: FENCE_TIMEOUT_MS }, async () => {
    const ready = (await server.instances(name)).filter((one) => one.ready);
    context.progress.note(ready.length === 0 ? "down" : `${ready.map((one) => one.name).join(", ")} still up`);
    return ready.length === 0 ? true : undefined;
  });
}

/** Waits until a cluster takes writes. */
export async function up(context: Context, name: string): Promise<void> {
  const server = requireServer(context);
  await until(context, { what: `${name} to take writes`, timeoutMs: FENCE_TIMEOUT_MS }, async () => {
    context.progress.note((await server.find(name))?.phase ?? "gone");
    return (await server.answers(name)) ? true : undefined;
  });
}

/** Deletes a cluster with its volumes, and waits until nothing of it is left. */
export async function deleted(context: Context, name: string): Promise<void> {
  const server = requireServer(context);
  // A claim may get its volume after a look: whatever is left is deleted again.
  await until(context, { what: `${name} to be gone`, timeoutMs: DELETE_TIMEOUT_MS }, async () => {
    await server.delete(name);
    const remains = await server.remains(name);
    context.progress.note(remains.length === 0 ? "gone" : `left: ${remains.join(", ")}`);
    return remains.length === 0 ? true : undefined;
  });
}
