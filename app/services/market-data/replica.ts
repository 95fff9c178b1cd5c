import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { sessionAt } from "../../packages/bist/calendar-session";
import { metrics as contract } from "../../packages/contract/metrics";
import type { DatabaseConfig } from "../../packages/kit/config/sections";
import type { Kit } from "../../packages/kit/service";
import { Board } from "./domain/board";
import { booksSince, loadBoard } from "./store/board-store";
import type { BookSnapshot } from "./domain/order-book";
import type { MarketDataConfig } from "./config";
import type { BrokerSession } from "./feed/broker-feed";
import { createFeedPool } from "./store/feed-pool";
import type { BrokerCall } from "./leader/broker-history";
import { FeedLeader } from "./leader/feed-leader";
import { LeaderLease } from "./leader/leader-lease";
import type { Grant, LeaderLeaseTimes } from "./leader/leader-lease";
import { MarketHub } from "./socket/hub";
import { booksChannel, decodeBatch, decodeBooks, encodeBatch, encodeBooks, ticksChannel } from "./stream/fan-out";
import { TickStream } from "./stream/tick-stream";

export interface ReplicaOptions {
  /** The kit's, which has the time series. */
  readonly database: DatabaseConfig;
  readonly marketData: MarketDataConfig;
  readonly session: BrokerSession;
  readonly call: BrokerCall;
  readonly leaseTimes?: LeaderLeaseTimes;
}

const booksMs = 100;
const saveMs = 1_000;
/** Books are read from the database each so many times of it, while fan-out works: it can lose one of them. */
const readsWhileShared = 10;
/** Stopping waits this long for the database to take what was received. */
const flushPatienceMs = 5_000;

/**
 * One replica of market-data: it shows every committed tick to its clients, and leads while the lease is its own. Ticks
 * of the own writer and of other replicas meet in `stream`.
 */
export class Replica {
  readonly board = new Board();
  readonly hub: MarketHub;
  private readonly pool: Pool;
  private readonly lease: LeaderLease;
  private leader: FeedLeader | undefined;
  private stream: TickStream | undefined;
  private booksTimer: NodeJS.Timeout | undefined;
  private booksSeen = new Date(0);
  private booksTurns = 0;
  private becoming: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly kit: Kit,
    private readonly options: ReplicaOptions,
  ) {
    const { clock, log, metrics } = kit;
    this.hub = new MarketHub(this.board, clock);
    this.pool = createFeedPool(options.database, log);
    this.lease = new LeaderLease(
      this.pool,
      randomUUID(),
      {
        granted: (grant) => {
          // A replica that stops gives a lease back that it gets meanwhile.
          if (!this.stopping) this.becoming = this.lead(grant);
        },
        suspended: () => this.leader?.suspend(),
        resumed: () => this.leader?.resume(),
        lost: () => {
          this.abandon();
        },
      },
      log,
      options.leaseTimes,
    );
    metrics.gauge(contract.marketFeedHeld, (gauge) => {
      gauge.set(this.lease.isHeld() ? 1 : 0);
    });
    metrics.gauge(contract.marketFeedUp, (gauge) => {
      gauge.set(this.leader?.listening ? 1 : 0);
    });
    metrics.gauge(contract.marketSessionOpen, (gauge) => {
      gauge.set(sessionAt(options.marketData.calendar, clock.now()).phase === "CONTINUOUS" ? 1 : 0);
    });
    metrics.gauge(contract.tradingCalendarEnd, (gauge) => {
      gauge.set(options.marketData.calendar.endMs / 1_000);
    });
    metrics.gauge(contract.marketTicksBacklog, (gauge) => {
      gauge.set(this.leader?.backlog ?? 0);
    });
  }

  /** Reads the board, follows the stream, and stands for election. @throws when the database cannot be read */
  async start(): Promise<void> {
    const { cache, database, log, metrics } = this.kit;
    const saved = await loadBoard(database);
    this.board.restore(saved);
    const catchUps = metrics.counter(contract.marketCatchUps);
    const stream = new TickStream(
      database,
      { sequence: saved.sequence, newestMs: Math.max(-Infinity, ...saved.quotes.map(({ epochMs }) => epochMs)) },
      (ticks) => {
        this.board.apply(ticks);
        this.hub.ticks(ticks);
      },
      () => {
        catchUps.inc();
      },
      () => cache.hears || this.leader !== undefined,
      log,
    );
    this.stream = stream;
    await stream.catchUp();
    await cache.subscribe(ticksChannel, (message) => {
      const batch = decodeBatch(message);
      if (batch) stream.receive(batch);
    });
    await cache.subscribe(booksChannel, (message) => {
      this.showBooks(decodeBooks(message));
    });
    stream.start();
    this.hub.start();
    this.booksTimer = setInterval(() => void this.readBooks(), saveMs);
    this.lease.start();
  }

  /** Releases the lease after everything received is stored, so that another replica leads within seconds. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.booksTimer);
    this.hub.stop();
    await this.becoming;
    const { leader } = this;
    await leader?.stop(flushPatienceMs);
    this.leader = undefined;
    await this.lease.stop();
    await this.stream?.stop();
    await this.pool.end();
  }

  /** False only on a leader that is not connected to the broker. */
  get brokerConnected(): boolean {
    return this.leader?.listening ?? true;
  }

  private async lead(grant: Grant): Promise<void> {
    const { cache, clock, log, metrics } = this.kit;
    const { pool, board } = this;
    try {
      // Every stored tick must be on the board: its sequences go on from there.
      while (this.stream && this.stream.position < grant.lastSequence) await this.stream.catchUp();
      // Suspended meanwhile, it may be resumed; lost, it may even have been granted anew, to another leader.
      if (!this.lease.isOf(grant)) return;
      const { calendar, feed, writer } = this.options.marketData;
      const leader = new FeedLeader(
        grant,
        { pool, board, calendar, session: this.options.session, call: this.options.call, clock, log, metrics },
        { feed, writer, booksMs, saveMs },
        {
          committed: (batch) => {
            this.stream?.receive(batch);
            if (cache.shared) void cache.publish(ticksChannel, encodeBatch(batch));
          },
          books: (books) => {
            this.showBooks(books);
            if (cache.shared) void cache.publish(booksChannel, encodeBooks(books));
          },
          fenced: () => {
            this.lease.fenced(grant);
          },
        },
      );
      this.leader = leader;
      if (!this.lease.isHeld()) leader.suspend();
      await leader.start();
    } catch (error) {
      log.error({ error: (error as Error).message }, "the leader could not start; its lease is released");
      if (this.lease.isOf(grant)) await this.lease.release("the leader could not start");
    }
  }

  private abandon(): void {
    this.leader?.abandon();
    this.leader = undefined;
  }

  private showBooks(books: readonly BookSnapshot[]): void {
    for (const book of books) if (this.board.updateBook(book)) this.hub.book(book);
  }

  /** How order books reach a replica while fan-out is away, once a second, and those that it lost: from the database. */
  private async readBooks(): Promise<void> {
    const turn = this.booksTurns++;
    if (this.leader !== undefined || (this.kit.cache.hears && turn % readsWhileShared !== 0)) return;
    try {
      const { books, until } = await booksSince(this.kit.database, this.booksSeen);
      this.booksSeen = until;
      this.showBooks(books);
    } catch (error) {
      this.kit.log.warn({ error: (error as Error).message }, "order books could not be read");
    }
  }
}
