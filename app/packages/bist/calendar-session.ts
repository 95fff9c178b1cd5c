import type { PhaseRow, SessionPhase } from "../contract/calendar-changes";
import { istanbulDate, startOfIstanbulDate } from "./calendar";
import type { TradingCalendar, TradingDay } from "./calendar";

/** The equity market's day in Istanbul time; each phase lasts until the next row. No lunch break. */
export const fullDay: readonly PhaseRow[] = [
  { from: "09:40", phase: "OPENING_COLLECTION" },
  { from: "09:55", phase: "OPENING_MATCH" },
  { from: "10:00", phase: "CONTINUOUS" },
  { from: "18:00", phase: "MARGIN" },
  { from: "18:01", phase: "CLOSING_COLLECTION" },
  { from: "18:05", phase: "CLOSING_MATCH" },
  { from: "18:07", phase: "MARGIN" },
  { from: "18:08", phase: "TRADES_AT_CLOSE" },
  { from: "18:10", phase: "CLOSED" },
];

export const halfDay: readonly PhaseRow[] = [
  { from: "09:40", phase: "OPENING_COLLECTION" },
  { from: "09:55", phase: "OPENING_MATCH" },
  { from: "10:00", phase: "CONTINUOUS" },
  { from: "12:30", phase: "MARGIN" },
  { from: "12:31", phase: "CLOSING_COLLECTION" },
  { from: "12:35", phase: "CLOSING_MATCH" },
  { from: "12:37", phase: "MARGIN" },
  { from: "12:38", phase: "TRADES_AT_CLOSE" },
  { from: "12:40", phase: "CLOSED" },
];

/** Phases in which the exchange takes new orders. */
const ordering: ReadonlySet<SessionPhase> = new Set<SessionPhase>([
  "OPENING_COLLECTION",
  "CONTINUOUS",
  "CLOSING_COLLECTION",
  "TRADES_AT_CLOSE",
]);

export interface SessionState {
  readonly phase: SessionPhase;
  /** The Istanbul day of the instant asked about. */
  readonly day: TradingDay;
  /** Whether the exchange takes new orders now. */
  readonly acceptsOrders: boolean;
  /** When the phase ends, in milliseconds since the epoch. */
  readonly untilMs: number;
  readonly nextPhase: SessionPhase;
}

function phasesOf(day: TradingDay): readonly PhaseRow[] {
  if (day.kind === "CLOSED") return [];
  if (day.phases !== undefined) return day.phases;
  return day.kind === "HALF" ? halfDay : fullDay;
}

function instant(date: string, clock: string): number {
  return startOfIstanbulDate(date) + (Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))) * 60_000;
}

/** What the equity market is doing at an instant (milliseconds since the epoch), and what it does next. */
export function sessionAt(calendar: TradingCalendar, epochMs: number): SessionState {
  const day = calendar.day(istanbulDate(epochMs));
  const rows = phasesOf(day);
  let current: SessionPhase = "CLOSED";
  for (const row of rows) {
    const startsMs = instant(day.date, row.from);
    if (startsMs > epochMs) return state(current, day, startsMs, row.phase);
    current = row.phase;
  }
  const next = calendar.nextTradingDay(day.date);
  const [opening] = phasesOf(next) as [PhaseRow, ...PhaseRow[]];
  return state(current, day, instant(next.date, opening.from), opening.phase);
}

function state(phase: SessionPhase, day: TradingDay, untilMs: number, nextPhase: SessionPhase): SessionState {
  return { phase, day, acceptsOrders: ordering.has(phase), untilMs, nextPhase };
}

/** Milliseconds of continuous trading within a period; how long a feed may fairly be expected to speak. */
export function continuousTradingMs(calendar: TradingCalendar, fromMs: number, toMs: number): number {
  let total = 0;
  for (let at = fromMs; at < toMs;) {
    const { phase, untilMs } = sessionAt(calendar, at);
    const end = Math.min(untilMs, toMs);
    if (phase === "CONTINUOUS") total += end - at;
    at = end;
  }
  return total;
}
