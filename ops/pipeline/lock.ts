import { hostname, userInfo } from "node:os";
import type { Workspace } from "./workspace";
import type { Stack } from "./stacks";

/** The holder of a state's lock, as Terraform shows it to a run that cannot have it. */
export interface Lock {
  readonly id: string;
  /** `user@host` */
  readonly who: string;
}

/** Reads Terraform's refusal to run beside another; undefined when it is about something else. */
export function lockIn(stderr: string): Lock | undefined {
  if (!stderr.includes("Error acquiring the state lock")) return undefined;
  const [, id] = /\bID:\s+(\S+)/.exec(stderr) ?? [];
  const [, who] = /\bWho:\s+(\S+)/.exec(stderr) ?? [];
  return id === undefined || who === undefined ? undefined : { id, who };
}

/**
 * Releases the lock that a Terraform of this process left behind by being killed. One that ended by itself has released
 * its own; a lock of another process is never touched.
 *
 * @returns what there was to say about it
 */
export async function releaseLock(stack: Stack, workspace: Workspace): Promise<string | undefined> {
  // An interrupt that ended the apply must not end this as well.
  const mine = { interrupt: undefined };
  const probe = await workspace.run(
    stack,
    ["plan", "-input=false", "-no-color", "-refresh=false", "-lock-timeout=0s"],
    mine,
  );
  const lock = lockIn(probe.stderr);
  if (lock === undefined) return undefined;
  if (lock.who !== `${userInfo().username}@${hostname()}`) {
    return `${stack.id} is locked by ${lock.who} (lock ${lock.id}): it is theirs to finish`;
  }
  const unlock = await workspace.run(stack, ["force-unlock", "-force", lock.id], mine);
  return unlock.code === 0
    ? `The lock that the ended Terraform left on ${stack.id} is released`
    : `The lock ${lock.id} on ${stack.id} could not be released; do it by hand: terraform force-unlock ${lock.id}\n${unlock.stderr}`;
}
