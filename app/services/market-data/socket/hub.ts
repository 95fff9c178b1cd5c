import type { Clock } from "../../../packages/kit/clock";
import type { ClientMessage, ClientSocket } from "../../../packages/kit/http/client-socket";
import type { Board } from "../domain/board";
import type { BookSnapshot } from "../domain/order-book";
import type { StoredTick } from "../domain/tick";
import { bookJson, quoteJson } from "../routes/views";
import { Audience, keyOf, noSubscriptions } from "./audience";
import type { Subscriptions } from "./audience";
import { frame, mostSubscriptions, notice, readRequest } from "./messages";
import type { Channel, SubscriptionRequest } from "./messages";
import { slowLimits, Subscriber } from "./subscriber";
import type { SlowLimits } from "./subscriber";

/** Ticks gather this long, so that a client gets one frame instead of hundreds. */
export const frameMs = 20;
const heartbeatMs = 10_000;

/**
 * The clients of `/ws/market-data`. Each tick and quote is serialized once, each frame put together once for all
 * clients with the same subscriptions.
 */
export class MarketHub {
  private readonly audiences = new Map<string, Audience<Subscriber>>();
  private readonly trades = new Map<string, string[]>();
  private readonly touched = new Set<string>();
  private readonly books = new Set<string>();
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly board: Board,
    private readonly clock: Clock,
    private readonly limits: SlowLimits = slowLimits,
  ) {}

  start(): void {
    this.timers = [
      setInterval(() => {
        this.flush();
      }, frameMs),
      setInterval(() => {
        this.heartbeat();
      }, heartbeatMs),
    ];
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** Committed ticks, already on the board. */
  ticks(ticks: readonly StoredTick[]): void {
    if (this.audiences.size === 0) return;
    for (const tick of ticks) {
      this.touched.add(tick.symbol);
      const pieces = this.trades.get(tick.symbol);
      if (pieces === undefined) this.trades.set(tick.symbol, [tradeJson(tick)]);
      else pieces.push(tradeJson(tick));
    }
  }

  /** A changed order book, already on the board. */
  book({ symbol }: BookSnapshot): void {
    this.books.add(symbol);
  }

  connected(socket: ClientSocket): void {
    const subscriber = new Subscriber(socket, this.limits);
    socket.onMessage((message) => {
      this.receive(subscriber, message);
    });
    socket.onClose(() => {
      this.move(subscriber, noSubscriptions);
    });
  }

  private receive(subscriber: Subscriber, message: ClientMessage): void {
    if (message.type === "PING") {
      subscriber.send(notice({ type: "PONG" }));
      return;
    }
    const request = readRequest(message);
    if ("problem" in request) {
      subscriber.send(notice({ type: "ERROR", code: "INVALID_MESSAGE", detail: request.problem }));
      return;
    }
    const subscriptions = changed(subscriber.audience?.subscriptions ?? noSubscriptions, request);
    if (sizeOf(subscriptions) > mostSubscriptions) {
      const detail = `a client may have at most ${mostSubscriptions} subscriptions`;
      subscriber.send(notice({ type: "ERROR", code: "TOO_MANY_SUBSCRIPTIONS", detail }));
      return;
    }
    // What gathered so far belongs to the subscriptions of before; the snapshot is of now, and what follows comes after it.
    this.flush();
    this.move(subscriber, subscriptions);
    const { type, channel, symbols } = request;
    subscriber.send(notice({ type: `${type}D`, channel, symbols }));
    if (type === "SUBSCRIBE")
      subscriber.send(this.snapshot("SNAPSHOT", { ...noSubscriptions, [channel]: new Set(symbols) }));
  }

  /** Latest quotes and books; for trades the quote, whose sequence says which trade comes next. */
  private snapshot(type: "SNAPSHOT" | "CONFLATED", { QUOTE, TRADE, DEPTH }: Subscriptions): string {
    return frame(type, {
      quotes: [...new Set([...QUOTE, ...TRADE])].flatMap((symbol) => this.board.quote(symbol) ?? []).map(quoteJson),
      trades: [],
      books: [...DEPTH].flatMap((symbol) => this.board.book(symbol) ?? []).map(bookJson),
    });
  }

  private move(subscriber: Subscriber, subscriptions: Subscriptions): void {
    const { audience: left } = subscriber;
    left?.members.delete(subscriber);
    if (left?.members.size === 0) this.audiences.delete(left.key);
    subscriber.audience = undefined;
    if (sizeOf(subscriptions) === 0) return;
    const key = keyOf(subscriptions);
    let audience = this.audiences.get(key);
    if (audience === undefined) this.audiences.set(key, (audience = new Audience<Subscriber>(key, subscriptions)));
    audience.members.add(subscriber);
    subscriber.audience = audience;
  }

  private flush(): void {
    const now = this.clock.now();
    const changes = {
      quotes: textsOf(this.touched, (symbol) => this.board.quote(symbol), quoteJson),
      trades: new Map(this.trades),
      books: textsOf(this.books, (symbol) => this.board.book(symbol), bookJson),
    };
    this.touched.clear();
    this.trades.clear();
    this.books.clear();
    for (const audience of this.audiences.values()) {
      const pieces = audience.pick(changes);
      const empty = pieces.quotes.length + pieces.trades.length + pieces.books.length === 0;
      const message = empty ? undefined : Buffer.from(frame("UPDATE", pieces));
      let latest: string | undefined;
      const conflated = () => (latest ??= this.snapshot("CONFLATED", audience.subscriptions));
      for (const member of audience.members) member.update(message, conflated, now);
    }
  }

  private heartbeat(): void {
    const message = Buffer.from(notice({ type: "HEARTBEAT", at: new Date(this.clock.now()).toISOString() }));
    for (const audience of this.audiences.values()) {
      for (const member of audience.members)
        member.update(message, () => this.snapshot("CONFLATED", audience.subscriptions), this.clock.now());
    }
  }
}

function changed(before: Subscriptions, { type, channel, symbols }: SubscriptionRequest): Subscriptions {
  const after = new Set(before[channel]);
  for (const symbol of symbols) {
    if (type === "SUBSCRIBE") after.add(symbol);
    else after.delete(symbol);
  }
  return { ...before, [channel]: after } satisfies Record<Channel, ReadonlySet<string>>;
}

function textsOf<T>(
  symbols: Iterable<string>,
  find: (symbol: string) => T | undefined,
  json: (value: T) => string,
): Map<string, string> {
  const texts = new Map<string, string>();
  for (const symbol of symbols) {
    const value = find(symbol);
    if (value !== undefined) texts.set(symbol, json(value));
  }
  return texts;
}

const sizeOf = ({ QUOTE, TRADE, DEPTH }: Subscriptions) => QUOTE.size + TRADE.size + DEPTH.size;

/** By hand, as it runs for each tick: every value is a validated code or decimal, so that nothing needs escaping. */
function tradeJson(tick: StoredTick): string {
  const side = tick.side === undefined ? "null" : `"${tick.side}"`;
  return `{"symbol":"${tick.symbol}","sequence":${tick.symbolSequence},"timestamp":"${tick.timestamp}","price":"${tick.price}","quantity":"${tick.quantity}","side":${side}}`;
}
