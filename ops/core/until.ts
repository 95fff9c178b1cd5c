import type { Clock } from "./clock";
import { Unreachable } from "./outcome";
import type { Progress } from "./progress";

/** What it takes to wait for something within an operation. */
export interface WaitContext {
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
 * Polls until `look` returns a value; retries on Unreachable.
 *
 * @throws Error that says what did not come, and what was in the way last
 */
export async function until<T>(
  { clock, pause }: Pick<WaitContext, "clock" | "pause">,
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
