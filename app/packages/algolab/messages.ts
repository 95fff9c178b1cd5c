import { isWithin } from "../bist/price-limits";
import type { PriceLimits } from "../bist/price-limits";
import { parseLots } from "../bist/lots";
import { parsePrice } from "../bist/price";
import { asText, fieldsOf } from "./envelope";
import { decimalText, instrumentCode, readRows, RowReader } from "./reading";
import type { ReadRow } from "./reading";

/** One row of InstantPosition; the cash and total rows are left out. */
export interface BrokerPosition extends ReadRow {
  readonly symbol: string | undefined;
  /** Whole shares, as text without decimals. */
  readonly quantity: string | undefined;
  /** Average cost of one share. */
  readonly cost: string | undefined;
  readonly lastPrice: string | undefined;
  /** `tlamaount` (so spelt): `totalamount` is empty. */
  readonly marketValue: string | undefined;
  readonly profit: string | undefined;
}

export function parsePositions(content: unknown): BrokerPosition[] {
  return readRows(content, (row) => row)
    .filter((row) => row.text("type") !== "CA" && row.text("code") !== "-")
    .map((row) => ({
      symbol: row.field("code", instrumentCode),
      quantity: row.field("totalstock", (text) => parseLots(text).toString()),
      cost: row.field(row.text("cost") === "" ? "maliyet" : "cost", decimalText),
      lastPrice: row.field("unitprice", decimalText),
      marketValue: row.field(row.text("tlamaount") === "" ? "totalamount" : "tlamaount", decimalText),
      profit: row.field("profit", decimalText),
      problems: row.problems,
    }));
}

export interface EquityInfo {
  readonly symbol: string;
  /** Undefined for an instrument without limits, and where they cannot be read. */
  readonly limits: PriceLimits | undefined;
  readonly last: string;
}

export function parseEquityInfo(content: unknown): EquityInfo {
  if (fieldsOf(content) === undefined) throw new SyntaxError("expected an object");
  const row = new RowReader(content);
  const [floor, ceiling] = [row.field("flr", parsePrice), row.field("clg", parsePrice)];
  const limits = floor && ceiling ? { floor, ceiling } : undefined;
  return {
    symbol: row.text("name"),
    limits: limits && isWithin(limits.floor, limits) ? limits : undefined,
    last: row.text("lst"),
  };
}

/** Part of an account, with a number of its own. */
export interface SubAccount {
  readonly number: string;
  /** Lira as decimal text; "" where it cannot be read. */
  readonly tradeLimit: string;
}

export function parseSubAccounts(content: unknown): SubAccount[] {
  return readRows(content, (row) => ({
    number: row.text("number"),
    tradeLimit: decimalText(row.text("tradelimit")) ?? "",
  })).filter(({ number }) => number !== "");
}

export interface CashFlow {
  readonly t0: string;
  readonly t1: string;
  readonly t2: string;
}

export function parseCashFlow(content: unknown): CashFlow {
  const row = new RowReader(content);
  const [t0, t1, t2] = [row.field("t0", decimalText), row.field("t1", decimalText), row.field("t2", decimalText)];
  if (t0 === undefined || t1 === undefined || t2 === undefined) throw new SyntaxError("expected t0, t1 and t2");
  return { t0, t1, t2 };
}

/** Every figure of RiskSimulation by its name in lower case. Documented as a list; clients read an object. */
export function parseRisk(content: unknown): Record<string, string> {
  const row: unknown = Array.isArray(content) ? content[0] : content;
  const fields = fieldsOf(row);
  if (fields === undefined) throw new SyntaxError("expected an object");
  return Object.fromEntries([...fields].map(([name, value]) => [name, asText(value)]));
}

/** A bar of GetCandleData; prices and volume are decimal text. */
export interface BrokerCandle extends ReadRow {
  readonly openTime: Date | undefined;
  readonly open: string | undefined;
  readonly high: string | undefined;
  readonly low: string | undefined;
  readonly close: string | undefined;
  readonly volume: string | undefined;
}

export function parseCandles(content: unknown): BrokerCandle[] {
  // Null where there are none.
  return readRows(content ?? [], (row) => ({
    openTime: row.field("date", isoTime),
    open: row.field("open", decimalText),
    high: row.field("high", decimalText),
    low: row.field("low", decimalText),
    close: row.field("close", decimalText),
    volume: row.field("volume", decimalText),
    problems: row.problems,
  }));
}

/** ISO with an offset, or Istanbul's local time without one. */
function isoTime(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return undefined;
  const time = new Date(/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}+03:00`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
