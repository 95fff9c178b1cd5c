import type { Figures } from "../aws/traffic";
import type { Colour } from "../../config/schema/release-state";
import { later, SECOND_MS } from "../core/clock";
import type { Context } from "../core/context";

export interface Limits {
  /** Most requests in a hundred that may end with 500 or above. */
  readonly maxErrors: number;
  /** Highest 99th percentile of the time to answer, milliseconds. */
  readonly maxLatency: number;
}

/** Time between two looks. */
const LOOK_MS = 15 * SECOND_MS;

/** Fewer requests say nothing about a rate: one failure of a handful would end a release. */
const FEWEST_REQUESTS = 20;

/**
 * Watches a colour's figures for a while.
 *
 * @throws Error as soon as they are beyond a limit
 */
export async function watch(
  { platform, clock, progress, pause }: Context,
  colour: Colour,
  { durationMs, ...limits }: Limits & { readonly durationMs: number },
): Promise<string> {
  const began = clock.now();
  const end = later(began, durationMs);
  for (;;) {
    const figures = await platform.traffic.since(colour, began, clock.now());
    progress.note(describe(figures));
    const trouble = beyond(figures, limits);
    if (trouble !== undefined) throw new Error(trouble);
    const left = end.getTime() - clock.now().getTime();
    if (left <= 0) return describe(figures);
    await pause(Math.min(LOOK_MS, left));
  }
}

function beyond({ requests, errors, latencyMs }: Figures, { maxErrors, maxLatency }: Limits): string | undefined {
  if (requests < FEWEST_REQUESTS) return undefined;
  const percent = (100 * errors) / requests;
  if (percent > maxErrors) {
    return `${percent.toFixed(1)} % of ${requests} requests failed, and ${maxErrors} % are allowed`;
  }
  return latencyMs > maxLatency
    ? `answers took up to ${Math.round(latencyMs)} ms (99th percentile), and ${maxLatency} ms are allowed`
    : undefined;
}

function describe({ requests, errors, latencyMs }: Figures): string {
  return requests === 0 ? "no requests" : `${requests} requests, ${errors} failed, p99 ${Math.round(latencyMs)} ms`;
}
