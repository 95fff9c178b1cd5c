import type { Sample } from "./measure";

interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    minimum: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    maximum: at(sorted.length - 1),
  };
}

/** Time and peak memory of each command: minimum, median, maximum. */
export function table(measured: Readonly<Record<string, readonly Sample[]>>): string {
  const rows = Object.entries(measured).map(([name, samples]) => {
    const seconds = spread(samples.map((sample) => sample.seconds));
    const memory = spread(samples.map((sample) => sample.peakMiB));
    return [name, ...cells(seconds, 2), ...cells(memory, 0)];
  });
  const head = ["command", "s min", "median", "max", "MiB min", "median", "max"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

function cells({ minimum, median, maximum }: Spread, digits: number): readonly string[] {
  return [minimum, median, maximum].map((value) => value.toFixed(digits));
}
