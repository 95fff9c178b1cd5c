import { formatPrice } from "../bist/price";
import type { Kurus } from "../bist/price";

export type Rounding = "halfUp" | "cutOff";

/** A non-negative quotient as decimal text with so many places. */
export function quotientText(numerator: bigint, denominator: bigint, places: number, rounding: Rounding): string {
  const scaled = numerator * 10n ** BigInt(places);
  const whole = rounding === "halfUp" ? (2n * scaled + denominator) / (2n * denominator) : scaled / denominator;
  return scaledText(whole, places);
}

/** A whole number of the last of so many places, as decimal text. */
export function scaledText(value: bigint, places: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** Without the zeros at the end: "12.50" is "12.5", "4.00" is "4". */
export function trimmed(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}

/** With zeros up to so many places. */
export function padded(decimal: string, places: number): string {
  const [whole = "", fraction = ""] = decimal.split(".");
  return `${whole}.${fraction.padEnd(places, "0")}`;
}

export function trimmedPrice(price: Kurus): string {
  return trimmed(formatPrice(price));
}
