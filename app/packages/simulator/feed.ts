import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { fieldsOf } from "../algolab/envelope";
import { formatOrderReference } from "../algolab/order-reference";
import { orderMessageStatus } from "../algolab/socket";
import { istanbulIso } from "../algolab/time";
import type { Kurus } from "../bist/price";
import { trimmedPrice } from "./decimals";
import type { OrderEvent } from "./exchange";
import type { Faults } from "./faults";
import type { Gate } from "./gate";
import type { Habits } from "./habits";
import type { Market, Trade } from "./market";
import type { SimulatedSession } from "./sessions";

interface Subscriber {
  readonly socket: WebSocket;
  readonly session: SimulatedSession;
  ticks: ReadonlySet<string>;
  depth: ReadonlySet<string>;
  /** Whether it has asked for trades before. */
  hasTicks: boolean;
}

/** A socket that sends nothing is closed after this long. */
const firstMessageWithinMs = 5000;
const everything = "ALL";
/** Trades of a symbol that may be repeated to who subscribes. */
const tradesRemembered = 3;

/** The broker's WebSocket: trades and order books by subscription, one's own orders unasked. */
export class Feed {
  private readonly server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 });
  private readonly subscribers = new Set<Subscriber>();
  /** The last messages of each symbol's trades, the oldest first. */
  private readonly lastTrades = new Map<string, string[]>();

  constructor(
    readonly gate: Gate,
    readonly faults: Faults,
    readonly habits: () => Habits,
    readonly now: () => Date,
  ) {}

  get connections(): number {
    return this.subscribers.size;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client may cut the connection before the answer.
    socket.on("error", () => socket.destroy());
    const session = request.url === "/api/ws" ? this.gate.checkSocket(request) : undefined;
    if (session === undefined) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
      return;
    }
    this.server.handleUpgrade(request, socket, head, (opened) => {
      this.subscribe({ socket: opened, session, ticks: new Set(), depth: new Set(), hasTicks: false });
    });
  }

  private subscribe(subscriber: Subscriber): void {
    const { socket } = subscriber;
    this.subscribers.add(subscriber);
    const idle = setTimeout(() => {
      socket.terminate();
    }, firstMessageWithinMs);
    socket.on("close", () => {
      clearTimeout(idle);
      this.subscribers.delete(subscriber);
    });
    socket.on("error", () => {
      socket.terminate();
    });
    socket.on("message", (data: Buffer) => {
      clearTimeout(idle);
      if (!read(subscriber, data.toString("utf8"))) socket.terminate();
      else if (!subscriber.hasTicks && subscriber.ticks.size > 0) {
        subscriber.hasTicks = true;
        this.repeatTrades(subscriber);
      }
    });
  }

  private repeatTrades(subscriber: Subscriber): void {
    const { tradesRepeated } = this.habits();
    if (tradesRepeated === "none") return;
    for (const [symbol, texts] of this.lastTrades) {
      if (!subscriber.ticks.has(symbol) && !subscriber.ticks.has(everything)) continue;
      const repeated = tradesRepeated === "last" ? texts.slice(-1) : texts;
      for (const text of repeated) this.send(subscriber, "socket:T", text);
    }
  }

  /**
   * Sends a trade to the subscribers of its symbol. The text is built by hand: prices stay exact, and it is quick.
   *
   * @param at exchange time; as text, whatever it says
   */
  tick(trade: Trade, at: Date | string = this.now(), market = "IMKBH"): void {
    const { symbol } = trade.share;
    const text = tickText(trade, typeof at === "string" ? at : `${istanbulIso(at)}+03:00`, market);
    const texts = this.lastTrades.get(symbol);
    if (texts === undefined) this.lastTrades.set(symbol, [text]);
    else if (texts.push(text) > tradesRemembered) texts.shift();
    for (const subscriber of this.subscribers) {
      if (!subscriber.ticks.has(symbol) && !subscriber.ticks.has(everything)) continue;
      this.send(subscriber, "socket:T", text);
    }
  }

  /** Sends a share's order book, one message a row. */
  depth(trade: Trade, market: Market): void {
    const { share } = trade;
    const wanted = [...this.subscribers].filter(({ depth }) => depth.has(share.symbol) || depth.has(everything));
    if (wanted.length === 0) return;
    const { depthRows, depthFirstRow, depthDates } = this.habits();
    const now = this.now();
    const date = depthDates === "wholeSeconds" ? `${istanbulIso(now)}+03:00` : sevenDecimals(now);
    for (const { side, row, price, quantity, orders } of market.depth(share, depthRows)) {
      const text =
        `{"Type":"D","Content":{"Symbol":"${share.symbol}","Market":"IMKBH","Direction":"${side}",` +
        `"Row":${row + depthFirstRow},"Quantity":${quantity},"Price":${double(price)},"OrderCount":${orders},` +
        `"Date":"${date}"}}`;
      for (const subscriber of wanted) this.send(subscriber, "socket:D", text);
    }
  }

  /** Sends a customer what happened to an order. */
  order(event: OrderEvent): void {
    const text = this.habits().orderMessages === "2022" ? orderText2022(event, this.now()) : this.orderText(event);
    for (const subscriber of this.subscribers) {
      if (subscriber.session.customer === event.order.customer) this.send(subscriber, "socket:O", text);
    }
  }

  private orderText({ order, kind, executed, executedPrice }: OrderEvent): string {
    const { buyDirection, limitPriceType, executedLot } = this.habits();
    const lot = executedLot === "total" ? order.filled : executed;
    return (
      `{"Type":"O","Content":{"Id":"${randomBytes(16).toString("hex")}","Date":"${fractions(this.now())}",` +
      `"Direction":${order.side === "BUY" ? buyDirection : 1 - buyDirection},"Symbol":"${order.symbol}",` +
      `"Lot":${order.quantity}.0,"PriceType":${order.price === 0n ? 1 - limitPriceType : limitPriceType},` +
      `"Price":${double(order.price)},"Comment":"${formatOrderReference(order.reference, order.transactionId)} ",` +
      `"Status":${orderMessageStatus[kind]},"Channel":"DenizYatirimHcp",` +
      `"ExecutedLot":${lot}.0,"ExecutedPrice":${double(executedPrice)}}}`
    );
  }

  close(): void {
    for (const { socket } of this.subscribers) socket.terminate();
    this.server.close();
  }

  private send({ socket, session }: Subscriber, at: string, text: string): void {
    const fault = this.faults.strike(at, session.customer);
    switch (fault?.kind) {
      case undefined:
        socket.send(text);
        return;
      case "silence":
        return;
      case "duplicate":
        socket.send(text);
        socket.send(text);
        return;
      case "garbage":
        socket.send(text.slice(0, text.length / 2));
        return;
      case "delay":
        setTimeout(() => {
          socket.send(text);
        }, fault.delayMs ?? 1000);
        return;
      default:
        socket.terminate();
    }
  }
}

/** @returns whether the message was understood and carries the session's own token */
function read(subscriber: Subscriber, text: string): boolean {
  let fields: ReadonlyMap<string, unknown> | undefined;
  try {
    fields = fieldsOf(JSON.parse(text));
  } catch {
    return false;
  }
  const symbols = fields?.get("symbols");
  const list = new Set(Array.isArray(symbols) ? symbols.filter((symbol) => typeof symbol === "string") : []);
  if (fields?.get("token") !== subscriber.session.hash) return false;
  switch (fields.get("type")) {
    case "H":
      return true;
    case "T":
      subscriber.ticks = list;
      return true;
    case "D":
      subscriber.depth = list;
      return true;
    default:
      return false;
  }
}

const milliseconds = (time: Date) => time.getUTCMilliseconds().toString().padStart(3, "0");

/** Local time with fractions of a second and no offset, as in order messages. */
function fractions(time: Date): string {
  return `${istanbulIso(time)}.${milliseconds(time)}`;
}

/** With the offset of Istanbul, as in order books. */
function sevenDecimals(time: Date): string {
  return `${istanbulIso(time)}.${milliseconds(time)}0000+03:00`;
}

/** A number as the broker writes it: with at least one decimal, and no more than are needed. */
function double(price: Kurus): string {
  const text = trimmedPrice(price);
  return text.includes(".") ? text : `${text}.0`;
}

function tickText(trade: Trade, date: string, market: string): string {
  const { share, price, quantity, side, bid, ask, buying, selling } = trade;
  const change = price - share.base;
  return (
    `{"Type":"T","Content":{"Symbol":"${share.symbol}","Market":"${market}","Price":${double(price)},` +
    `"Change":${double(change)},"Ask":${double(ask)},"Bid":${double(bid)},"Date":"${date}",` +
    `"ChangePercentage":${percent(change, share.base)},"High":${double(share.high)},"Low":${double(share.low)},` +
    `"TradeQuantity":${quantity}.0,"Direction":"${side}","RefPrice":${double(share.base)},` +
    `"BalancePrice":0.0,"BalanceAmount":0.0,"Buying":"${buying}","Selling":"${selling}"}}`
  );
}

function percent(change: Kurus, base: Kurus): string {
  return double((change * 10_000n) / base);
}

const wordsOf2022 = {
  waiting: "Waiting",
  filled: "Done",
  partiallyFilled: "Partial",
  cancelled: "Deleted",
  modified: "Improved",
  error: "Error",
} as const satisfies Record<OrderEvent["kind"], string>;

function orderText2022({ order, kind }: OrderEvent, now: Date): string {
  return (
    `{"Type":"O","Content":{"Id":"${letters()}","Date":"${istanbulIso(now)}+03:00","Direction":"${order.side}",` +
    `"Symbol":"${order.symbol}","Lot":${order.quantity},"PriceType":"${order.price === 0n ? "Market" : "Limit"}",` +
    `"Price":${double(order.price)},"Comment":"${formatOrderReference(order.reference, order.transactionId)}",` +
    `"Status":"${wordsOf2022[kind]}","Channel":""}}`
  );
}

/** Five letters at random. */
function letters(): string {
  return [...randomBytes(5)].map((byte) => String.fromCharCode(97 + (byte % 26))).join("");
}
