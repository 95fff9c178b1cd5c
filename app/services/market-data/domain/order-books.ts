import { startOfIstanbulDate } from "../../../packages/bist/calendar";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import { sessionAt } from "../../../packages/bist/calendar-session";
import type { SessionState } from "../../../packages/bist/calendar-session";
import { OrderBook } from "./order-book";
import type { BookRow, BookSnapshot } from "./order-book";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Versions of one leader: more than it can have changes, so that those of the next are higher wherever they were seen. */
const versionsOfLeader = 1_000_000_000;

/**
 * The order books that a leader puts together. They hold what this connection said of this session: levels of before a
 * cut, or of yesterday, would stand behind new ones for as long as nothing takes their place.
 */
export class OrderBooks {
  private readonly books = new Map<string, OrderBook>();
  private readonly changed = new Set<string>();
  /** Books of earlier leaders, until they are said anew: what their leader knew of them last may be known to nobody else. */
  private readonly inherited = new Set<string>();
  private readonly firstVersion: number;
  private phase: SessionState["phase"] | undefined;
  private nextTurnMs = -Infinity;

  /**
   * @param known books of earlier leaders
   * @param epoch of the leader's grant
   */
  constructor(
    known: Iterable<BookSnapshot>,
    epoch: number,
    private readonly calendar: TradingCalendar,
  ) {
    this.firstVersion = epoch * versionsOfLeader;
    for (const snapshot of known) {
      this.books.set(snapshot.symbol, OrderBook.restore(snapshot, this.firstVersion));
      this.inherited.add(snapshot.symbol);
    }
  }

  apply(row: BookRow, nowMs: number): void {
    let book = this.books.get(row.symbol);
    if (book === undefined) this.books.set(row.symbol, (book = new OrderBook(row.symbol, this.firstVersion)));
    book.apply(row, nowMs);
    this.changed.add(row.symbol);
  }

  /** Empties every book: a connection begins or ends. Inherited ones are said again though they were empty here. */
  empty(nowMs: number): void {
    this.forget(Infinity, Infinity, nowMs);
    for (const symbol of this.inherited) this.changed.add(symbol);
    this.inherited.clear();
  }

  /** Forgets levels of earlier days when the date changes, and when the session opens what was said again before it. */
  keepToSession(nowMs: number): void {
    if (nowMs < this.nextTurnMs) return;
    const { day, phase, untilMs } = sessionAt(this.calendar, nowMs);
    const dayStartMs = startOfIstanbulDate(day.date);
    const opens = this.phase === "CLOSED" && phase !== "CLOSED";
    // Clocks differ: what came in the last minute may be of the session that opens.
    this.forget(opens ? nowMs - minuteMs : dayStartMs, dayStartMs, nowMs);
    this.phase = phase;
    this.nextTurnMs = Math.min(untilMs, dayStartMs + dayMs);
  }

  /** The books that changed since the last call. */
  takeChanged(): BookSnapshot[] {
    const snapshots = [...this.changed].flatMap((symbol) => this.snapshot(symbol) ?? []);
    this.changed.clear();
    return snapshots;
  }

  snapshot(symbol: string): BookSnapshot | undefined {
    return this.books.get(symbol)?.snapshot();
  }

  private forget(receivedBeforeMs: number, ofBeforeMs: number, nowMs: number): void {
    for (const [symbol, book] of this.books) {
      if (book.forget(receivedBeforeMs, ofBeforeMs, nowMs)) this.changed.add(symbol);
    }
  }
}
