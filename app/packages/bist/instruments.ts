import { kindOfFeature, listedInstruments } from "./instrument-data";
import type { InstrumentKind } from "./instrument-data";
import { splitSymbol } from "./symbols";

/** What an order can be judged by before the broker sees it. */
export interface InstrumentRules {
  /** Prices are multiples of `shareTickSizes`. */
  readonly shareTickSizes: boolean;
  /** Orders without a price are taken. */
  readonly marketOrders: boolean;
  /** Orders are taken in call auctions and at the closing price, beside continuous trading. */
  readonly callAuctions: boolean;
  /** Where it trades. Orders for derivatives (VIOP) need calls of the broker that are not spoken here. */
  readonly market: "EQUITY" | "DERIVATIVES";
}

/** Of an instrument of which nothing is known: nothing is refused, the broker judges. */
const judgedByTheBroker: InstrumentRules = {
  shareTickSizes: false,
  marketOrders: true,
  callAuctions: true,
  market: "EQUITY",
};

/**
 * The rules that are known for each kind.
 *
 * - Shares: tick sizes since 6 November 2023, see tick-sizes.ts.
 * - Funds: a table of their own. It changed on the same day, and what is printed of the new one has holes (from 50 to
 *   99.99, from 500 on), so none is enforced.
 * - Rights: the exchange's announcement of 2023 puts them under the table of shares (sonbasin.com, ekonomist.com.tr), notes on
 *   the broker say that theirs differs: none is enforced.
 * - Certificates: nothing is published for ALTIN.S1 but its margin, which the broker's limits carry.
 * - Warrants: no market orders, no opening and closing auctions (borsaistanbul.com/sayfa/9455, the exchange's questions and
 *   answers; tacirler.com.tr, "Varant Hakkında Duyuru", 2023). Ticks and the highest price are the broker's to judge.
 * - Futures: prices have up to five decimals, and the broker changes and cancels their orders by calls of their own
 *   (`viop` of ModifyOrder, DeleteOrderViop), so they are not traded here.
 */
const rulesOfKind: Readonly<Record<InstrumentKind, InstrumentRules>> = {
  SHARE: { ...judgedByTheBroker, shareTickSizes: true },
  FUND: judgedByTheBroker,
  CERTIFICATE: judgedByTheBroker,
  RIGHT: judgedByTheBroker,
  WARRANT: { ...judgedByTheBroker, marketOrders: false, callAuctions: false },
  FUTURE: { ...judgedByTheBroker, market: "DERIVATIVES" },
};

const kindOfCode: ReadonlyMap<string, InstrumentKind> = new Map(
  listedInstruments.flatMap(({ kind, codes }) => codes.map((code) => [code, kind] as const)),
);

/**
 * The kind of an instrument, or undefined where neither its code nor a list says it: five letters name a share as well as
 * a fund or a warrant.
 */
export function instrumentKind(symbol: string): InstrumentKind | undefined {
  if (symbol.startsWith("F_")) return "FUTURE";
  const { base, feature } = splitSymbol(symbol);
  const listed = kindOfCode.get(base);
  if (feature === undefined) return listed;
  const marked = kindOfFeature.get(feature);
  // Rights are named for their share. Any other two kinds contradict each other, and neither is known.
  return marked === "RIGHT" || listed === undefined || listed === marked ? marked : undefined;
}

export function instrumentRules(symbol: string): InstrumentRules {
  const kind = instrumentKind(symbol);
  return kind === undefined ? judgedByTheBroker : rulesOfKind[kind];
}
