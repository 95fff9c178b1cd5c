import type { CalendarChanges, DayChange, FeastYear, PhaseRow } from "../contract/calendar-changes";
import { exceptionalDays, feasts, nationalHalfDays, nationalHolidays } from "./calendar-data";

export type DayKind = DayChange["kind"];

export interface TradingDay {
  /** Istanbul date, `YYYY-MM-DD`. */
  readonly date: string;
  readonly kind: DayKind;
  /** Why the day is not a full one. */
  readonly reason?: string;
  /** `ESTIMATED` when the exchange has not published the year's schedule: an official change is possible. */
  readonly certainty: FeastYear["certainty"];
  /** The day's hours where they are not those of its kind. */
  readonly phases?: readonly PhaseRow[];
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
function feastDaysOf({ ramadanFeast, sacrificeFeast }: FeastYear): Map<string, { kind: DayKind; reason: string }> {
  const days = new Map<string, { kind: DayKind; reason: string }>();
  const put = (first: string, length: number, name: string) => {
    days.set(addDays(first, -1), { kind: "HALF", reason: `${name} eve` });
    for (let day = 0; day < length; day++) days.set(addDays(first, day), { kind: "CLOSED", reason: name });
  };
  put(ramadanFeast, ramadanFeastDays, "Ramadan Feast");
  put(sacrificeFeast, sacrificeFeastDays, "Feast of Sacrifice");
  return days;
}

/** When Borsa Istanbul's equity market trades: what the image knows, and what the environment changes of it. */
export class TradingCalendar {
  private readonly years = new Map<string, FeastYear>();
  private readonly feastDays: ReadonlyMap<string, { readonly kind: DayKind; readonly reason: string }>;
  private readonly changes: ReadonlyMap<string, DayChange>;

  constructor(changes: CalendarChanges = { feasts: [], days: [] }) {
    for (const year of [...feasts, ...changes.feasts]) this.years.set(year.ramadanFeast.slice(0, 4), year);
    this.feastDays = new Map([...this.years.values()].flatMap((year) => [...feastDaysOf(year)]));
    this.changes = new Map([...exceptionalDays, ...changes.days].map((change) => [change.date, change]));
  }

  /**
   * Whether and how long the equity market trades on an Istanbul date. A decision about the very day beats everything;
   * then closed beats half: a feast's eve on a Sunday is closed.
   */
  day(date: string): TradingDay {
    const weekday = new Date(startOfIstanbulDate(date) + istanbulOffsetMs).getUTCDay();
    const change = this.changes.get(date);
    if (change) return { ...change, certainty: "PUBLISHED" };
    const monthDay = date.slice(5);
    const certainty = this.years.get(date.slice(0, 4))?.certainty ?? "ESTIMATED";
    const feast = this.feastDays.get(date);
    const national = nationalHolidays[monthDay];
    const half = nationalHalfDays[monthDay];

    if (weekday === 0 || weekday === 6) return { date, kind: "CLOSED", reason: "weekend", certainty };
    if (national) return { date, kind: "CLOSED", reason: national, certainty };
    if (feast) return { date, ...feast, certainty };
    if (half) return { date, kind: "HALF", reason: half, certainty };
    return { date, kind: "FULL", certainty };
  }

  /** The first day after `date` on which the market trades, a half day included. */
  nextTradingDay(date: string): TradingDay {
    for (let next = addDays(date, 1); ; next = addDays(next, 1)) {
      const day = this.day(next);
      if (day.kind !== "CLOSED") return day;
    }
  }

  /** Settlement of a trade made on `date`: two settlement days later. Nothing settles on half days. */
  settlementDate(date: string): string {
    let settles = date;
    for (let left = 2; left > 0;) {
      settles = addDays(settles, 1);
      if (this.day(settles).kind === "FULL") left--;
    }
    return settles;
  }

  /**
   * The instant at which the last year ends whose feasts are entered, and every one before it, in milliseconds since the
   * epoch. After it feasts are taken for trading days.
   */
  get endMs(): number {
    let year = Math.min(...[...this.years.keys()].map(Number));
    while (this.years.has(String(year))) year++;
    return startOfIstanbulDate(`${year}-01-01`);
  }
}
