import { Type } from "typebox";
import { DecimalText } from "../../../packages/kit/http/schema";
import { intervalNames } from "../domain/interval";
import { feedSymbolPattern } from "../domain/tick";

export const SymbolText = Type.String({
  pattern: feedSymbolPattern.source,
  description: "Code at the exchange, such as GARAN",
});
export const SymbolParams = Type.Object({ symbol: SymbolText });
export const ManySymbols = Type.String({
  pattern: "^[A-Z0-9][A-Z0-9._-]{0,19}(,[A-Z0-9][A-Z0-9._-]{0,19}){0,599}$",
  description: "Codes with commas between",
});

/** An instant as ISO 8601 with an offset. */
export const Moment = Type.String({
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?(Z|[+-]\\d\\d:\\d\\d)$",
  description: "Instant as ISO 8601 with an offset, such as 2026-11-23T10:00:00+03:00",
});
export const DateText = Type.String({
  pattern: "^\\d{4}-\\d\\d-\\d\\d$",
  description: "Istanbul date, such as 2026-11-23",
});
export const Side = Type.Union([Type.Literal("BUY"), Type.Literal("SELL"), Type.Null()]);
const MaybeDecimal = Type.Union([DecimalText(), Type.Null()]);

export const QuoteSchema = Type.Object({
  symbol: SymbolText,
  market: Type.String(),
  sequence: Type.Integer({ description: "Counts the ticks of the symbol, without a hole" }),
  timestamp: Moment,
  price: DecimalText({ description: "Lira" }),
  quantity: DecimalText({ description: "Shares" }),
  side: Side,
  bid: MaybeDecimal,
  ask: MaybeDecimal,
  tradingDay: DateText,
  open: DecimalText(),
  high: DecimalText(),
  low: DecimalText(),
  volume: DecimalText({ description: "Shares" }),
  trades: Type.Integer(),
  previousClose: MaybeDecimal,
  change: MaybeDecimal,
  changePercent: MaybeDecimal,
});

const Level = Type.Array(DecimalText(), { minItems: 3, maxItems: 3, description: "Price, shares, orders" });
export const BookSchema = Type.Object({
  symbol: SymbolText,
  version: Type.Integer(),
  timestamp: Moment,
  bids: Type.Array(Level),
  asks: Type.Array(Level),
});

export const TickSchema = Type.Object({
  symbol: SymbolText,
  sequence: Type.Integer(),
  timestamp: Moment,
  price: DecimalText(),
  quantity: DecimalText(),
  side: Side,
  bid: MaybeDecimal,
  ask: MaybeDecimal,
});

export const IntervalSchema = Type.Union(
  intervalNames.map((name) => Type.Literal(name)),
  { default: "1m" },
);

export const CandleSchema = Type.Object({
  openTime: Moment,
  open: DecimalText(),
  high: DecimalText(),
  low: DecimalText(),
  close: DecimalText(),
  volume: DecimalText({ description: "Shares" }),
  turnover: Type.Union([DecimalText({ description: "Lira" }), Type.Null()]),
  trades: Type.Union([Type.Integer(), Type.Null()]),
  source: Type.Union([Type.Literal("TICKS"), Type.Literal("BROKER"), Type.Literal("BOTH")], {
    description:
      "TICKS: made of the trades that this platform received. BROKER: the broker's own, where the platform did not listen for the whole period; without turnover and trades. BOTH: the broker's up to when it was asked, and ticks since then.",
  }),
  complete: Type.Boolean({
    description: "False while the period lasts, and where neither the platform nor the broker told of all of it",
  }),
});

export const HistorySchema = Type.Union(
  [Type.Literal("COVERED"), Type.Literal("PENDING"), Type.Literal("FETCHED"), Type.Literal("UNAVAILABLE")],
  {
    description:
      "What the platform did not listen to. COVERED: nothing of the period asked for. PENDING: the broker is being asked, ask again in some seconds. FETCHED: the broker was asked today, what it gave is among the candles. UNAVAILABLE: the broker does not answer for now, or has nothing of the symbol.",
  },
);

export const GapSchema = Type.Object({ from: Moment, until: Moment, reason: Type.String() });
