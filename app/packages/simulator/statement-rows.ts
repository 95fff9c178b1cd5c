import { formatBrokerTime } from "../algolab/time";
import { istanbulDate, startOfIstanbulDate, TradingCalendar } from "../bist/calendar";
import { formatPrice } from "../bist/price";
import type { Kurus } from "../bist/price";
import type { Account, BookedFill } from "./account";
import { padded, quotientText } from "./decimals";
import type { Habits } from "./habits";

export type StatementRowContent = Record<
  "transdate" | "explanation" | "debit" | "credit" | "balance" | "valuedate",
  string
>;

const calendar = new TradingCalendar();
const eveningMs = 20 * 3_600_000;
const dayMs = 86_400_000;

/** One row's trade: a fill, or all fills of an order on a day. */
interface StatedTrade {
  readonly fill: BookedFill;
  readonly quantity: bigint;
  readonly value: Kurus;
  /** Exact, or an average with six decimals. */
  readonly price: string;
}

/** The equity rows of AccountExtre: by value date the shares, then the lira, each after a balance carried over. */
export function statementRows(
  account: Account,
  start: Date,
  end: Date,
  now: Date,
  habits: Habits,
): StatementRowContent[] {
  const ofDays = Map.groupBy(account.fills, ({ at }) => istanbulDate(at.getTime()));
  const appeared = [...ofDays.values()].flatMap((fills) =>
    fills.filter(({ at }, index) => availableAt(at, habits) + delayOf(index, habits) <= now.getTime()),
  );
  const stated = appeared.filter(({ at }) => at >= start && at <= end);
  const days = Map.groupBy(stated, ({ at }) => calendar.settlementDate(istanbulDate(at.getTime())));
  return [...days].flatMap(([valueDate, fills]) => {
    const valuedate = brokerMidnight(valueDate);
    const trades = tradesOf(fills, habits);
    const shares = [...Map.groupBy(trades, ({ fill }) => fill.symbol).values()];
    return [...shares.flatMap((ofOne) => shareRows(ofOne, valuedate)), ...liraRows(trades, valuedate)];
  });
}

/** When a day's fills are there, in milliseconds since the epoch. */
function availableAt(at: Date, { statementAvailable }: Habits): number {
  const day = istanbulDate(at.getTime());
  switch (statementAvailable) {
    case "evening":
      return startOfIstanbulDate(day) + eveningMs;
    case "nextDay":
      return startOfIstanbulDate(day) + dayMs;
    case "valueDate":
      return startOfIstanbulDate(calendar.settlementDate(day));
  }
}

const appearanceMs = 6 * 3_600_000;
const lastAppearance = 3;

/** How much later than the first of its day a fill appears. */
function delayOf(index: number, { statementAppearance }: Habits): number {
  return statementAppearance === "together" ? 0 : Math.min(index, lastAppearance) * appearanceMs;
}

function tradesOf(fills: readonly BookedFill[], { statementRows: rows }: Habits): StatedTrade[] {
  const groups = rows === "fill" ? fills.map((fill) => [fill]) : [...Map.groupBy(fills, keyOf).values()];
  return groups.flatMap((group) => {
    const [fill] = group;
    if (fill === undefined) return [];
    const quantity = group.reduce((sum, each) => sum + each.quantity, 0n);
    const value = group.reduce((sum, each) => sum + each.quantity * each.price, 0n);
    return [{ fill, quantity, value, price: quotientText(value, quantity * 100n, 6, "halfUp") }];
  });
}

const keyOf = ({ reference, at }: BookedFill) => `${istanbulDate(at.getTime())} ${reference}`;

/** Purchases show two decimals where that is exact, sales six. */
function priceText({ fill, price }: StatedTrade): string {
  return fill.side === "BUY" && price.endsWith("0000") ? price.slice(0, -4) : price;
}

function explanation(trade: StatedTrade): string {
  const { fill } = trade;
  const [year = "", month = "", day = ""] = istanbulDate(fill.at.getTime()).split("-");
  const kind = fill.side === "BUY" ? "HA" : "HS";
  return `${day}/${month}/${year} Ref = ${fill.reference} ${kind} ${priceText(trade)}`;
}

function shareRows(trades: readonly StatedTrade[], valuedate: string): StatementRowContent[] {
  let balance = 0n;
  const rows = trades.map((trade) => {
    const { fill, quantity } = trade;
    balance += fill.side === "BUY" ? quantity : -quantity;
    const moved = sixOrZero(`${quantity}`);
    return {
      transdate: formatBrokerTime(fill.at),
      explanation: explanation(trade),
      debit: fill.side === "SELL" ? moved : "0",
      credit: fill.side === "BUY" ? moved : "0",
      balance: sixOrZero(`${balance}`),
      valuedate,
    };
  });
  return [carriedOver(valuedate), ...rows];
}

function liraRows(trades: readonly StatedTrade[], valuedate: string): StatementRowContent[] {
  let balance = 0n;
  const rows = trades.map((trade) => {
    const { fill, quantity, value } = trade;
    const buys = fill.side === "BUY";
    balance += buys ? -value : value;
    const amount = sixOrZero(formatPrice(value));
    return {
      transdate: formatBrokerTime(fill.at),
      explanation: `${explanation(trade)}x${buys ? `${quantity}` : `${quantity}.000000`} ${fill.symbol}`,
      debit: buys ? amount : "0",
      credit: buys ? "0" : amount,
      balance: sixOrZero(formatPrice(balance)),
      valuedate,
    };
  });
  return [carriedOver(valuedate), ...rows];
}

/** `Devir`: a balance carried over, without a date of its own. */
function carriedOver(valuedate: string): StatementRowContent {
  return { transdate: "01.01.0001 00:00:00", explanation: "Devir", debit: "0", credit: "0", balance: "0", valuedate };
}

function sixOrZero(decimal: string): string {
  return /^0(\.0+)?$/.test(decimal) ? "0" : padded(decimal, 6);
}

function brokerMidnight(date: string): string {
  return `${date.split("-").reverse().join(".")} 00:00:00`;
}
