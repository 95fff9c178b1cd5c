import { instrumentKind } from "../bist/instruments";
import type { Kurus } from "../bist/price";
import { bist30 } from "../bist/symbols";
import { tickSizeAt } from "../bist/tick-sizes";

/** What the simulator goes by for a kind of instruments. */
export interface SimulatedRules {
  /** Tick size at every price; undefined for the exchange's table of shares. */
  readonly tickSize: Kurus | undefined;
  /** Daily margin in percent; undefined for instruments without limits, which exist. */
  readonly marginPercent: bigint | undefined;
  /** Between which prices the base is drawn. */
  readonly base: readonly [low: Kurus, high: Kurus];
}

const share: SimulatedRules = { tickSize: undefined, marginPercent: 10n, base: [5_00n, 600_00n] };
const fund: SimulatedRules = { tickSize: 1n, marginPercent: 10n, base: [25_00n, 150_00n] };
const right: SimulatedRules = { tickSize: 1n, marginPercent: 50n, base: [45_00n, 90_00n] };
const warrant: SimulatedRules = { tickSize: 1n, marginPercent: undefined, base: [1_00n, 9_00n] };

export function rulesOf(symbol: string): SimulatedRules {
  switch (instrumentKind(symbol)) {
    case "FUND":
    case "CERTIFICATE":
      return fund;
    case "RIGHT":
      return right;
    case "WARRANT":
      return warrant;
    default:
      return share;
  }
}

/** What is traded beside shares: funds, a certificate, a right, and a warrant with a made-up code of the real form. */
export const otherInstruments: readonly string[] = ["ZGOLD", "GLDTR", "ALTINS1", "ISGYO.R", "XYZAB.V"];
export const everyInstrument: readonly string[] = [...bist30, ...otherInstruments];

/** @param tickSize an instrument's own, see `SimulatedRules` */
export function stepAt(price: Kurus, tickSize: Kurus | undefined): Kurus {
  return tickSize ?? tickSizeAt(price);
}
