import { spread } from "../statistics";
import { cells, columns } from "../table";
import type { Line } from "./measurement";

/** The table: each figure's minimum, median and maximum, those of its reference, and the ratio of the medians. */
export function report(lines: readonly Line[]): string {
  const head = ["measured", "unit", "min", "median", "max", "reference min", "median", "max", "ratio", "aim", ""];
  return columns(head, lines.map(rowOf));
}

function rowOf({ name, unit, ours, reference, aim }: Line): readonly string[] {
  const measured = spread(ours);
  const beside = reference === undefined ? undefined : spread(reference);
  const ratio = beside === undefined ? Number.NaN : measured.median / beside.median;
  return [
    name,
    unit,
    ...cells(measured, digitsOf(measured.median)),
    ...(beside === undefined ? ["", "", ""] : cells(beside, digitsOf(beside.median))),
    beside === undefined ? "" : ratio.toFixed(2),
    aim?.text ?? "",
    aim === undefined ? "" : aim.met(measured, ratio) ? "met" : "missed",
  ];
}

/** Three figures are as many as a measurement is good for. */
const digitsOf = (value: number) => (Math.abs(value) < 100 ? (Math.abs(value) < 10 ? 2 : 1) : 0);
