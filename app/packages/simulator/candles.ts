import { istanbulIso } from "../algolab/time";
import { istanbulDate, startOfIstanbulDate, TradingCalendar } from "../bist/calendar";
import { continuousTradingMs } from "../bist/calendar-session";
import { formatPrice } from "../bist/price";
import type { Kurus } from "../bist/price";
import { stepAt } from "./instruments";
import type { Share } from "./market";

const calendar = new TradingCalendar();
const bars = 250;
const minuteMs = 60_000;
const dayMinutes = 1_440;
/** Bars of an instrument are made of this many points at most, whatever their length. */
const pointsOfBar = 60;

/** Minutes of a bar that GetCandleData knows. */
export const candlePeriods: readonly number[] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 480, 1_440, 10_080, 43_200];

export interface CandleContent {
  readonly date: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/**
 * The last 250 bars up to now, the oldest first. A bar is the same whenever it is asked for, but for the one that still
 * runs, and whatever the length of the bars, they tell of the same prices.
 */
export function candlesOf(share: Share, periodMinutes: number, now: Date, offset: boolean): CandleContent[] {
  const starts: number[] = [];
  for (
    let start = startOfBar(now.getTime(), periodMinutes);
    starts.length < bars;
    start = before(start, periodMinutes)
  ) {
    if (isTraded(start, periodMinutes)) starts.push(start);
  }
  return starts.toReversed().map((start) => {
    const until = Math.min(nextBar(start, periodMinutes), now.getTime());
    const step = Math.max(minuteMs, Math.ceil((until - start) / pointsOfBar / minuteMs) * minuteMs);
    const prices: Kurus[] = [];
    for (let at = start; at < until; at += step) prices.push(priceAt(share, at));
    const last = priceAt(share, until);
    const all = [...prices, last];
    const lira = (price: Kurus) => Number(formatPrice(price));
    return {
      date: istanbulIso(new Date(start)) + (offset ? "+03:00" : ""),
      open: lira(prices[0] ?? last),
      high: lira(all.reduce((high, price) => (price > high ? price : high))),
      low: lira(all.reduce((low, price) => (price < low ? price : low))),
      close: lira(last),
      volume: Math.round(noise(share.symbol, Math.floor(start / minuteMs)) * 10_000 + 100) * periodMinutes,
    };
  });
}

function startOfBar(at: number, periodMinutes: number): number {
  const day = startOfIstanbulDate(istanbulDate(at));
  if (periodMinutes < dayMinutes)
    return day + Math.floor((at - day) / minuteMs / periodMinutes) * periodMinutes * minuteMs;
  const date = istanbulDate(at);
  if (periodMinutes === dayMinutes) return day;
  if (periodMinutes > 7 * dayMinutes) return startOfIstanbulDate(`${date.slice(0, 7)}-01`);
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
  return day - weekday * dayMinutes * minuteMs;
}

function before(start: number, periodMinutes: number): number {
  return startOfBar(start - 1, periodMinutes);
}

function nextBar(start: number, periodMinutes: number): number {
  if (periodMinutes > 7 * dayMinutes) return startOfBar(start + 32 * dayMinutes * minuteMs, periodMinutes);
  return start + periodMinutes * minuteMs;
}

/** Bars of a day and longer are there when a day of theirs trades; shorter ones where continuous trading meets them. */
function isTraded(start: number, periodMinutes: number): boolean {
  if (periodMinutes > dayMinutes) return true;
  if (periodMinutes === dayMinutes) return calendar.day(istanbulDate(start)).kind !== "CLOSED";
  return continuousTradingMs(calendar, start, start + periodMinutes * minuteMs) > 0;
}

/** Within 4 percent of the base price, by the symbol and the minute alone. */
function priceAt(share: Share, at: number): Kurus {
  const minute = Math.floor(at / minuteMs);
  const wave = Math.sin(minute / 97) * 2 + Math.sin(minute / 1_733) + noise(share.symbol, minute);
  const price = share.base + (share.base * BigInt(Math.round(wave * 1_000))) / 100_000n;
  const step = stepAt(price, share.tickSize);
  return price - (price % step);
}

/** A number from 0 up to 1 that looks random, by what it is of. */
function noise(symbol: string, minute: number): number {
  let mixed = minute | 0;
  for (const letter of symbol) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x9e3779b1);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x85ebca6b);
  return ((mixed ^ (mixed >>> 13)) >>> 0) / 4_294_967_296;
}
