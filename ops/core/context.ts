import type { Environment } from "../../config";
import type { Platform } from "../platform";
import type { Clock } from "./clock";
import { Unreachable } from "./outcome";
import type { Progress } from "./progress";
import type { Records } from "./records";

/** What a command works with. */
export interface Context {
  readonly environment: Environment;
  /** The project's folder: some commands read the sources. */
  readonly root: string;
  /** What there is to look at and to change. */
  readonly platform: Platform;
  /** Where operations keep what they must remember. */
  readonly records: Records;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Lets time pass. Within an operation it keeps the lease: whatever waits, waits here. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

export interface Patience {
  /** What is waited for, as the end of "gave up waiting ... for". */
  readonly what: string;
  readonly timeoutMs: number;
  /** @default 5000 */
  readonly everyMs?: number;
}

/**
 * Looks again and again until there is something to see. Whoever does not answer is asked again until the time is up.
 *
 * @throws Error that says what did not come, and what was in the way last
 */
export async function until<T>(
  { clock, pause }: Pick<Context, "clock" | "pause">,
  { what, timeoutMs, everyMs = 5_000 }: Patience,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = clock.now().getTime() + timeoutMs;
  for (;;) {
    let trouble = "";
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      trouble = `: ${error.message}`;
    }
    if (clock.now().getTime() >= deadline) {
      throw new Error(`gave up waiting ${timeoutMs / 1_000} s for ${what}${trouble}`);
    }
    await pause(everyMs);
  }
}
