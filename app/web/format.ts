import type { Quote } from "./types";

const decimals = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const wholes = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const times = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "Europe/Istanbul" });

/** Amounts come as decimal text; these are for reading only. */
export const lira = (text: string) => decimals.format(Number(text));
export const shares = (text: string) => wholes.format(Number(text));
export const signed = (text: string) => `${Number(text) > 0 ? "+" : ""}${lira(text)}`;
export const clock = (instant: string) => times.format(new Date(instant));

/** The class that colours a gain or a loss. */
export const direction = (text: string) => (Number(text) > 0 ? "up" : Number(text) < 0 ? "down" : "");

/** The change since the close of the day before, and since the day's first trade where no such close is known. */
export function changePercentOf({ price, open, changePercent }: Quote): string {
  return changePercent ?? String((Number(price) / Number(open) - 1) * 100);
}
