import type { Spread } from "../statistics";
import type { BenchEnvironment } from "./bench-environment";

/** One line of the table: a figure of the application, beside its reference. */
export interface Line {
  readonly name: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** The same work with nothing added, run by run in turn with ours; absent where nothing compares. */
  readonly reference?: readonly number[];
  /** What was aimed at, in words, and whether the medians meet it. */
  readonly aim?: { readonly text: string; readonly met: (ours: Spread, ratio: number) => boolean };
}

export interface Scale {
  /** Runs of each side. */
  readonly runs: number;
  /** Minutes that memory is watched under load. */
  readonly soakMinutes: number;
  /** Ticks of the year that history is read from. */
  readonly ticks: number;
  readonly tell: (progress: string) => void;
}

/** Measures in a running bench environment. @throws when it cannot */
export type Measurement = (bench: BenchEnvironment, scale: Scale) => Promise<readonly Line[]>;

export const atLeastOfReference = (share: number): Line["aim"] => ({
  text: `>= ${share.toFixed(2)} of it`,
  met: (_ours, ratio) => ratio >= share,
});

export const atMostOfReference = (times: number): Line["aim"] => ({
  text: `<= ${times.toFixed(2)} of it`,
  met: (_ours, ratio) => ratio <= times,
});

export const atLeast = (figure: number): Line["aim"] => ({
  text: `>= ${figure}`,
  met: ({ median }) => median >= figure,
});

export const atMost = (figure: number): Line["aim"] => ({
  text: `<= ${figure}`,
  met: ({ median }) => median <= figure,
});
