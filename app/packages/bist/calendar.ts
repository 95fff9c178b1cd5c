import { exceptionalDays, feasts, nationalHalfDays, nationalHolidays } from "./calendar-data";
import type { Certainty } from "./calendar-data";

export type DayKind = "FULL" | "HALF" | "CLOSED";

export interface TradingDay {
  /** Istanbul date, `YYYY-MM-DD`. */
  readonly date: string;
  readonly kind: DayKind;
  /** Why the day is not a full one. */
  readonly reason?: string;
  /** `ESTIMATED` when the exchange has not published the year's schedule: an official change is possible. */
  readonly certainty: Certainty;
}

const dayMs = 86_400_000;
/** Turkey has kept UTC+3 all year since 2016. */
const istanbulOffsetMs = 3 * 3_600_000;
const ramadanFeastDays = 3;
const sacrificeFeastDays = 4;

/** The date in Istanbul at an instant, `YYYY-MM-DD`. */
export function istanbulDate(epochMs: number): string {
  return new Date(epochMs + istanbulOffsetMs).toISOString().slice(0, 10);
}

/** The instant at which an Istanbul date begins, in milliseconds since the epoch. */
export function startOfIstanbulDate(date: string): number {
  const utc = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(utc) || !/^\d{4}-\d\d-\d\d$/.test(date)) {
    throw new RangeError(`"${date}" is not a date; use YYYY-MM-DD`);
  }
  return utc - istanbulOffsetMs;
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** Religious feast days of one year: date -> kind and reason. */
function feastDaysOf(year: string): Map<string, { kind: DayKind; reason: string }> {
  const days = new Map<string, { kind: DayKind; reason: string }>();
  const known = feasts[year];
  if (!known) return days;
  const put = (first: string, length: number, name: string) => {
    days.set(addDays(first, -1), { kind: "HALF", reason: `${name} eve` });
    for (let day = 0; day < length; day++) days.set(addDays(first, day), { kind: "CLOSED", reason: name });
  };
  put(known.ramadanFeast, ramadanFeastDays, "Ramadan Feast");
  put(known.sacrificeFeast, sacrificeFeastDays, "Feast of Sacrifice");
  return days;
}

const feastDays = new Map<string, Map<string, { kind: DayKind; reason: string }>>();

/** Whether and how long the equity market trades on an Istanbul date. Closed beats half: a feast's eve on a Sunday is closed. */
export function tradingDay(date: string): TradingDay {
  const weekday = new Date(startOfIstanbulDate(date) + istanbulOffsetMs).getUTCDay();
  const year = date.slice(0, 4);
  const monthDay = date.slice(5);
  let ofYear = feastDays.get(year);
  if (!ofYear) feastDays.set(year, (ofYear = feastDaysOf(year)));

  const certainty = feasts[year]?.certainty ?? "ESTIMATED";
  const feast = ofYear.get(date);
  const exception = exceptionalDays[date];
  const national = nationalHolidays[monthDay];
  const half = nationalHalfDays[monthDay];

  if (weekday === 0 || weekday === 6) return { date, kind: "CLOSED", reason: "weekend", certainty };
  if (exception) return { date, ...exception, certainty };
  if (national) return { date, kind: "CLOSED", reason: national, certainty };
  if (feast) return { date, ...feast, certainty };
  if (half) return { date, kind: "HALF", reason: half, certainty };
  return { date, kind: "FULL", certainty };
}

/** The first day after `date` on which the market trades, a half day included. */
export function nextTradingDay(date: string): TradingDay {
  for (let next = addDays(date, 1); ; next = addDays(next, 1)) {
    const day = tradingDay(next);
    if (day.kind !== "CLOSED") return day;
  }
}

/** Settlement of a trade made on `date`: two settlement days later. Nothing settles on half days. */
export function settlementDate(date: string): string {
  let settles = date;
  for (let left = 2; left > 0;) {
    settles = addDays(settles, 1);
    if (tradingDay(settles).kind === "FULL") left--;
  }
  return settles;
}
