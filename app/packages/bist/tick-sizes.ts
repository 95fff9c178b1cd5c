import { formatPrice } from "./price";
import type { Kurus } from "./price";

/**
 * The price steps of shares since 6 November 2023, from the price on: 20.00 to 49.99 moves by 0.02.
 * Exchange-traded funds, warrants and rights have steps of their own and are not in this table.
 */
export const shareTicks = [
  { from: 0n, tick: 1n },
  { from: 20_00n, tick: 2n },
  { from: 50_00n, tick: 5n },
  { from: 100_00n, tick: 10n },
  { from: 250_00n, tick: 25n },
  { from: 500_00n, tick: 50n },
  { from: 1_000_00n, tick: 1_00n },
  { from: 2_500_00n, tick: 2_50n },
] as const satisfies readonly { readonly from: Kurus; readonly tick: Kurus }[];

/** The step of a share at a price. */
export function tickAt(price: Kurus): Kurus {
  if (price < 0n) throw new RangeError(`price ${formatPrice(price)} is negative`);
  return shareTicks.findLast(({ from }) => from <= price)?.tick ?? shareTicks[0].tick;
}

/** Whether a share can be quoted at a price. */
export function isOnTick(price: Kurus): boolean {
  return price > 0n && price % tickAt(price) === 0n;
}

/** The highest quotable price that is not above. */
export function roundDownToTick(price: Kurus): Kurus {
  return price - (price % tickAt(price));
}

/** The lowest quotable price that is not below. Every band starts on a multiple of its own step, so crossing into it is exact. */
export function roundUpToTick(price: Kurus): Kurus {
  const down = roundDownToTick(price);
  return down === price ? price : down + tickAt(price);
}
