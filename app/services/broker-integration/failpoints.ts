import { failpoints } from "./domain/failpoint";
import type { Failpoint, ReachFailpoint } from "./domain/failpoint";

/** In place of a failpoint: the parent process names one at any time, in an IPC message. */
export const FAILPOINT_BY_MESSAGE = "message";

/**
 * Ends the process like a power cut (SIGKILL) at a failpoint, for fault tests.
 * @param where `submit.answered:2` for the second time that the failpoint is reached; undefined for never
 */
export function failpointAt(where: string | undefined): ReachFailpoint {
  if (where === undefined) return () => undefined;
  let plan = where === FAILPOINT_BY_MESSAGE ? undefined : parse(where);
  if (plan === undefined) process.on("message", (message) => (plan = parse(String(message))));
  return (failpoint) => {
    if (failpoint !== plan?.failpoint) return;
    plan.left -= 1;
    if (plan.left === 0) process.kill(process.pid, "SIGKILL");
  };
}

function parse(where: string): { readonly failpoint: Failpoint; left: number } {
  const [name, count = "1"] = where.split(":");
  const failpoint = failpoints.find((known) => known === name);
  if (failpoint === undefined) {
    throw new RangeError(`"${where}" is not a failpoint; use one of ${failpoints.join(", ")}`);
  }
  return { failpoint, left: Number(count) };
}
