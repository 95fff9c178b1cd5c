import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { fieldsOf } from "../algolab/envelope";
import { orderMessageStatus } from "../algolab/socket";
import { istanbulIso } from "../algolab/time";
import { formatPrice } from "../bist/price";
import type { Kurus } from "../bist/price";
import type { OrderEvent } from "./exchange";
import type { Faults } from "./faults";
import type { Gate } from "./gate";
import type { Market, Trade } from "./market";
import type { SimulatedSession } from "./sessions";

interface Subscriber {
  readonly socket: WebSocket;
  readonly session: SimulatedSession;
  ticks: ReadonlySet<string>;
  depth: ReadonlySet<string>;
}

/** A socket that sends nothing is closed after this long. */
const firstMessageWithinMs = 5000;
const everything = "ALL";

/** The broker's WebSocket: trades and order books by subscription, one's own orders unasked. */
export class Feed {
  private readonly server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 });
  private readonly subscribers = new Set<Subscriber>();

  constructor(
    readonly gate: Gate,
    readonly faults: Faults,
    readonly now: () => Date,
  ) {}

  get connections(): number {
    return this.subscribers.size;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const session = request.url === "/api/ws" ? this.gate.checkSocket(request) : undefined;
    if (session === undefined) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
      return;
    }
    this.server.handleUpgrade(request, socket, head, (opened) => {
      this.subscribe({ socket: opened, session, ticks: new Set(), depth: new Set() });
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
    });
  }

  /** Sends a trade to the subscribers of its symbol. The text is built by hand: prices stay exact, and it is quick. */
  tick(trade: Trade): void {
    const { symbol } = trade.share;
    let text: string | undefined;
    for (const subscriber of this.subscribers) {
      if (!subscriber.ticks.has(symbol) && !subscriber.ticks.has(everything)) continue;
      this.send(subscriber, "socket:T", (text ??= tickText(trade, this.now())));
    }
  }

  /** Sends a share's order book, one message a row. */
  depth(trade: Trade, market: Market): void {
    const { share } = trade;
    const wanted = [...this.subscribers].filter(({ depth }) => depth.has(share.symbol) || depth.has(everything));
    if (wanted.length === 0) return;
    for (const { side, row, price, quantity, orders } of market.depth(share)) {
      const text =
        `{"Type":"D","Content":{"Symbol":"${share.symbol}","Market":"IMKBH","Direction":"${side}","Row":${row},` +
        `"Quantity":${quantity},"Price":${formatPrice(price)},"OrderCount":${orders},"Date":"${stamp(this.now())}"}}`;
      for (const subscriber of wanted) this.send(subscriber, "socket:D", text);
    }
  }

  /** Sends a customer what happened to an order. */
  order({ order, kind, executed, executedPrice }: OrderEvent): void {
    const text =
      `{"Type":"O","Content":{"Id":"${order.transactionId}","Date":"${stamp(this.now())}",` +
      `"Direction":${order.side === "BUY" ? 0 : 1},"Symbol":"${order.symbol}","Lot":${order.quantity},` +
      `"PriceType":${order.price === 0n ? 0 : 1},"Price":${formatPrice(order.price)},` +
      `"Comment":"Referans Numaranız: ${order.reference};","Status":${orderMessageStatus[kind]},"Channel":"API",` +
      `"ExecutedLot":${executed},"ExecutedPrice":${formatPrice(executedPrice)}}}`;
    for (const subscriber of this.subscribers) {
      if (subscriber.session.customer === order.customer) this.send(subscriber, "socket:O", text);
    }
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

/** ISO with the offset of Istanbul and milliseconds. */
function stamp(time: Date): string {
  return `${istanbulIso(time)}.${time.getUTCMilliseconds().toString().padStart(3, "0")}+03:00`;
}

function tickText({ share, price, quantity, side, bid, ask }: Trade, at: Date): string {
  const change = price - share.base;
  return (
    `{"Type":"T","Content":{"Symbol":"${share.symbol}","Market":"IMKBH","Price":${formatPrice(price)},` +
    `"Change":${formatPrice(change)},"Ask":${formatPrice(ask)},"Bid":${formatPrice(bid)},"Date":"${stamp(at)}",` +
    `"ChangePercentage":${percent(change, share.base)},"High":${formatPrice(share.high)},"Low":${formatPrice(share.low)},` +
    `"TradeQuantity":${quantity},"Direction":"${side}","RefPrice":${formatPrice(share.base)},` +
    `"BalancePrice":0,"BalanceAmount":0,"Buying":"","Selling":""}}`
  );
}

function percent(change: Kurus, base: Kurus): string {
  return formatPrice((change * 10_000n) / base);
}
