import type { Pool } from "pg";
import { metrics as contract } from "../../../packages/contract/metrics";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import type { Clock } from "../../../packages/kit/clock";
import type { Logger } from "../../../packages/kit/observability/logger";
import type { Metrics } from "../../../packages/kit/observability/metrics";
import type { Board } from "../domain/board";
import { databaseTime } from "../../../packages/kit/database/database";
import { saveBoard } from "../store/board-store";
import type { Heard } from "../store/board-store";
import { OrderBooks } from "../domain/order-books";
import type { BookSnapshot } from "../domain/order-book";
import { BrokerHistory } from "./broker-history";
import type { BrokerCall } from "./broker-history";
import { CandleWriter } from "./candle-writer";
import { FencedError, latestTicks } from "../store/tick-store";
import { TickWriter } from "./tick-writer";
import type { CommittedBatch, WriterLimits } from "./tick-writer";
import { BrokerFeed } from "../feed/broker-feed";
import type { BrokerSession, DownReason, FeedOptions } from "../feed/broker-feed";
import { FrameReader } from "../feed/frame-reader";
import { rememberedTrades } from "../feed/repetitions";
import { recordFeedGap, recordSubscriptions } from "../store/feed-gaps";
import type { Grant } from "./leader-lease";

export interface FeedLeaderOptions {
  readonly feed: FeedOptions;
  readonly writer: WriterLimits;
  /** How often changed order books are sent to other replicas. */
  readonly booksMs: number;
  /** How often quotes, books and candles are saved. */
  readonly saveMs: number;
}

export interface FeedLeaderEvents {
  committed(batch: CommittedBatch): void;
  books(books: readonly BookSnapshot[]): void;
  fenced(): void;
}

export interface FeedLeaderParts {
  readonly pool: Pool;
  readonly session: BrokerSession;
  readonly call: BrokerCall;
  readonly board: Board;
  readonly calendar: TradingCalendar;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * The work of the leader, the one replica that is connected to the broker: stores ticks, saves the board and candles.
 * Made for one grant; everything that it stores names the grant's epoch and is refused once another replica took over.
 */
export class FeedLeader {
  private readonly books: OrderBooks;
  private readonly unsavedBooks = new Set<string>();
  private readonly feed: BrokerFeed;
  private readonly reader: FrameReader;
  private readonly writer: TickWriter;
  private readonly candles: CandleWriter;
  private readonly history: BrokerHistory;
  private readonly counters;
  private timers: NodeJS.Timeout[] = [];
  /** Knows what was stored before, so that it may listen. */
  private ready = false;
  private suspended = false;
  private ended = false;
  private saving: Promise<void> | undefined;
  private sequence: number;
  /** Up to which the saved quotes surely hold every tick: the first save of a grant saves them all. */
  private quotesSavedUpTo = 0;
  private lastDown: DownReason | "takeover" = "takeover";
  /** The last connection, while what was missed before it is not written down. */
  private unnoted: { readonly connectedAt: number; readonly reason: DownReason | "takeover" } | undefined;

  /** @param parts.board holds every tick up to the grant's last sequence */
  constructor(
    private readonly grant: Grant,
    private readonly parts: FeedLeaderParts,
    private readonly options: FeedLeaderOptions,
    private readonly events: FeedLeaderEvents,
  ) {
    const { board, calendar, clock, log, metrics, pool, session } = parts;
    this.sequence = grant.lastSequence;
    this.books = new OrderBooks(board.allBooks(), grant.epoch, calendar);
    this.counters = {
      processed: metrics.counter(contract.marketTicksProcessed),
      lag: metrics.gauge(contract.marketDataLag),
      reconnections: metrics.counter(contract.marketFeedReconnections),
    };
    const symbolSequences = new Map([...board.all()].map(([symbol, quote]) => [symbol, quote.symbolSequence]));
    this.writer = new TickWriter(
      pool,
      grant.epoch,
      grant.lastSequence + 1,
      symbolSequences,
      options.writer,
      {
        committed: (batch) => {
          this.committed(batch);
        },
        paused: (paused) => {
          this.feed.pause(paused);
        },
        fenced: () => {
          this.events.fenced();
        },
      },
      log,
    );
    this.reader = new FrameReader(metrics, clock, {
      tick: (tick) => {
        this.writer.add(tick);
      },
      bookRow: (row) => {
        this.books.apply(row, clock.now());
      },
    });
    this.feed = new BrokerFeed(
      session,
      options.feed,
      {
        frame: (text) => this.reader.read(text),
        up: () => {
          this.connected();
        },
        down: (reason) => {
          this.disconnected(reason);
        },
      },
      calendar,
      clock,
      log,
    );
    this.candles = new CandleWriter(pool, grant.epoch, clock);
    this.history = new BrokerHistory(pool, grant.epoch, parts.call, clock, log, metrics);
  }

  get listening(): boolean {
    return this.feed.up;
  }

  /** Ticks received and not yet committed. */
  get backlog(): number {
    return this.writer.backlog;
  }

  async start(): Promise<void> {
    const { board, pool } = this.parts;
    const symbols = [...board.all()].map(([symbol]) => symbol);
    this.reader.restore(await latestTicks(pool, symbols, rememberedTrades));
    await this.candles.start(symbols, this.grant.lastSequence);
    if (this.ended) return;
    this.ready = true;
    this.timers = [
      setInterval(() => {
        this.publishBooks();
      }, this.options.booksMs),
      setInterval(() => {
        this.saveUnlessSaving();
      }, this.options.saveMs),
    ];
    if (!this.suspended) this.feed.start();
    this.history.start();
  }

  /** Leaves the broker, and goes on storing what was received. */
  suspend(): void {
    this.suspended = true;
    this.feed.stop();
  }

  /** Listens again; a leader that still starts does so once it is ready. */
  resume(): void {
    this.suspended = false;
    if (this.ready && !this.ended) this.feed.start();
  }

  /** Stores what was received and ends. */
  async stop(patienceMs: number): Promise<void> {
    this.feed.stop();
    await this.writer.stop(patienceMs);
    this.end();
    this.publishBooks();
    await this.saving;
    await this.save();
  }

  /** Ends at once: another replica is the leader. */
  abandon(): void {
    this.feed.stop();
    this.writer.discard();
    this.end();
  }

  private connected(): void {
    const nowMs = this.parts.clock.now();
    this.reader.connected();
    this.books.empty(nowMs);
    this.unnoted = { connectedAt: performance.now(), reason: this.unnoted?.reason ?? this.lastDown };
    this.saveUnlessSaving();
  }

  private disconnected(reason: DownReason): void {
    this.lastDown = reason;
    this.books.empty(this.parts.clock.now());
    if (reason !== "stopped") this.counters.reconnections.inc({ reason });
  }

  private committed(batch: CommittedBatch): void {
    this.counters.processed.inc(batch.ticks.length);
    const newest = batch.ticks.at(-1);
    if (newest) this.counters.lag.set((this.parts.clock.now() - newest.epochMs) / 1000);
    this.candles.note(batch.ticks);
    this.sequence = batch.lastSequence;
    this.events.committed(batch);
  }

  private publishBooks(): void {
    this.books.keepToSession(this.parts.clock.now());
    const snapshots = this.books.takeChanged();
    if (snapshots.length === 0) return;
    for (const { symbol } of snapshots) this.unsavedBooks.add(symbol);
    this.events.books(snapshots);
  }

  private saveUnlessSaving(): void {
    this.saving ??= this.save().finally(() => {
      this.saving = undefined;
    });
  }

  /** What was missed before the connection, and what it subscribed to; until that is written down, nothing is that was heard since. */
  private async noteConnection(): Promise<void> {
    const { unnoted } = this;
    if (unnoted === undefined) return;
    const { calendar, log, pool } = this.parts;
    const { epoch } = this.grant;
    // By the database's clock, as what was heard, whichever process noted that; rather late than before it was connected.
    const agoMs = performance.now() - unnoted.connectedAt;
    const connectedMs = Math.ceil((await databaseTime(pool)).getTime() - agoMs);
    const gap = await recordFeedGap(pool, calendar, epoch, connectedMs, unnoted.reason);
    await recordSubscriptions(pool, epoch, this.options.feed.symbols, connectedMs);
    if (gap) log.warn(gap, "feed gap recorded: the market traded while the feed was down");
    if (this.unnoted === unnoted) this.unnoted = undefined;
  }

  /** @param asOf the database's time, of now or before */
  private heardAt(asOf: Date): Heard | undefined {
    if (!this.feed.up || this.unnoted !== undefined) return undefined;
    // A leader that ends now loses what it has not stored: that was not heard either.
    return { asOf, silentMs: Math.max(this.feed.silentMs, this.writer.backlogMs) };
  }

  private async save(): Promise<void> {
    const { board, log, pool } = this.parts;
    const books = [...this.unsavedBooks];
    this.unsavedBooks.clear();
    try {
      await this.noteConnection();
      const asOf = await databaseTime(pool);
      // Quotes and sequence of one moment, the board's: ticks may be committed already that it does not show yet, and one
      // that no saved quote holds and that is not after the saved sequence would be missing for ever.
      const { sequence } = board;
      await saveBoard(pool, this.grant.epoch, {
        quotes: board.quotesAfter(this.quotesSavedUpTo),
        books: books.flatMap((symbol) => this.books.snapshot(symbol) ?? []),
        sequence,
        heard: this.heardAt(asOf),
      });
      this.quotesSavedUpTo = sequence;
      await this.candles.store(this.sequence);
    } catch (error) {
      for (const symbol of books) this.unsavedBooks.add(symbol);
      if (error instanceof FencedError) this.events.fenced();
      else log.warn({ error: (error as Error).message }, "quotes and candles could not be saved; trying again");
    }
  }

  private end(): void {
    this.ended = true;
    // A call that is under way ends by its own time limit; what it brings is the same for every leader.
    void this.history.stop();
    for (const timer of this.timers) clearInterval(timer);
  }
}
