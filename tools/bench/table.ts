import type { Sample } from "./measure";
import { spread } from "./statistics";
import type { Spread } from "./statistics";

/** Time and peak memory of each command: minimum, median, maximum. */
export function table(measured: Readonly<Record<string, readonly Sample[]>>): string {
  const rows = Object.entries(measured).map(([name, samples]) => {
    const seconds = spread(samples.map((sample) => sample.seconds));
    const memory = spread(samples.map((sample) => sample.peakMiB));
    return [name, ...cells(seconds, 2), ...cells(memory, 0)];
  });
  return columns(["command", "s min", "median", "max", "MiB min", "median", "max"], rows);
}

/** Rows under their titles: the first column to the left, figures to the right. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

export function cells({ minimum, median, maximum }: Spread, digits: number): readonly string[] {
  return [minimum, median, maximum].map((value) => value.toFixed(digits));
}
