import type { Kurus } from "./price";
import { roundDownToTick, roundUpToTick } from "./tick-sizes";

/** The prices between which a share trades in one day, both included. */
export interface PriceLimits {
  readonly floor: Kurus;
  readonly ceiling: Kurus;
}

/** Daily margin of the Stars, Main and Sub markets since 13 March 2020, in percent of the base price. */
export const dailyMarginPercent = 10n;

/**
 * Limits around a base price (the previous close, adjusted for corporate actions), rounded inward to the tick.
 * First listing days and rights differ: where the broker states limits, its own come before these.
 */
export function priceLimits(base: Kurus, marginPercent: bigint = dailyMarginPercent): PriceLimits {
  const floor = base * (100n - marginPercent);
  const wholeFloor = floor % 100n === 0n ? floor / 100n : floor / 100n + 1n;
  return { floor: roundUpToTick(wholeFloor), ceiling: roundDownToTick((base * (100n + marginPercent)) / 100n) };
}

export function isWithin(price: Kurus, { floor, ceiling }: PriceLimits): boolean {
  return floor <= price && price <= ceiling;
}
