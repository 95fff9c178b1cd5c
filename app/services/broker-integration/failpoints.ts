/** Places at which the end of the process is hardest to get right; each has a fault test that ends it there. */
export const crashPoints = [
  "place.committing",
  "place.committed",
  "submit.marked",
  "submit.answered",
  "submit.recorded",
  "request.marked",
  "request.answered",
  "reconcile.listed",
  "reconcile.recorded",
  "relay.publishing",
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Told of every place that is reached. */
export type Reached = (point: CrashPoint) => void;

/** Instead of a place: the parent process names one when it likes, in a message. */
export const CRASH_WHEN_TOLD = "told";

/**
 * Ends the process like a power cut (SIGKILL) at a place, for fault tests.
 * @param where `submit.answered:2` for the second time that place is reached; undefined for never
 */
export function crashAt(where: string | undefined): Reached {
  if (where === undefined) return () => undefined;
  let plan = where === CRASH_WHEN_TOLD ? undefined : parse(where);
  if (plan === undefined) process.on("message", (told) => (plan = parse(String(told))));
  return (reached) => {
    if (reached !== plan?.point) return;
    plan.left -= 1;
    if (plan.left === 0) process.kill(process.pid, "SIGKILL");
  };
}

function parse(where: string): { readonly point: CrashPoint; left: number } {
  const [name, count = "1"] = where.split(":");
  const point = crashPoints.find((known) => known === name);
  if (point === undefined)
    throw new RangeError(`"${where}" is not a crash point; use one of ${crashPoints.join(", ")}`);
  return { point, left: Number(count) };
}
