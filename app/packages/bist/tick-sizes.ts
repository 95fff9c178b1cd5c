import { formatPrice } from "./price";
import type { Kurus } from "./price";

/**
 * The tick sizes of shares since 6 November 2023, from the price on: 20.00 to 49.99 moves by 0.02.
 * For which instruments they are enforced is in instruments.ts.
 */
export const shareTickSizes = [
  { from: 0n, tickSize: 1n },
  { from: 20_00n, tickSize: 2n },
  { from: 50_00n, tickSize: 5n },
  { from: 100_00n, tickSize: 10n },
  { from: 250_00n, tickSize: 25n },
  { from: 500_00n, tickSize: 50n },
  { from: 1_000_00n, tickSize: 1_00n },
  { from: 2_500_00n, tickSize: 2_50n },
] as const satisfies readonly { readonly from: Kurus; readonly tickSize: Kurus }[];

/** The tick size of a share at a price. */
export function tickSizeAt(price: Kurus): Kurus {
  if (price < 0n) throw new RangeError(`price ${formatPrice(price)} is negative`);
  return shareTickSizes.findLast(({ from }) => from <= price)?.tickSize ?? shareTickSizes[0].tickSize;
}

/** Whether a share can be quoted at a price. */
export function isOnTick(price: Kurus): boolean {
  return price > 0n && price % tickSizeAt(price) === 0n;
}

/** The highest quotable price that is not above. */
export function roundDownToTick(price: Kurus): Kurus {
  return price - (price % tickSizeAt(price));
}

/** The lowest quotable price that is not below. Every band starts on a multiple of its own tick size, so crossing into it is exact. */
export function roundUpToTick(price: Kurus): Kurus {
  const down = roundDownToTick(price);
  return down === price ? price : down + tickSizeAt(price);
}
