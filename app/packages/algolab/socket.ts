import type { Duplex } from "node:stream";
import WebSocket from "ws";
import type { ClientOptions } from "ws";
import { networkLimits } from "../contract/network-limits";
import { socketChecker } from "./crypto";
import type { ForwardProxy } from "./forward-proxy";

/** Where and as whom to open the broker's socket. */
export interface SocketOptions {
  /** Scheme and host, without path: `https://www.algolab.com.tr`; the socket is at `/api/ws` below it. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly hash: string;
  /** The only way to the broker. @default its own address */
  readonly proxy?: ForwardProxy | undefined;
}

/**
 * What a client sends. A new list replaces the one before it, so it always carries the full set;
 * `H` is the heartbeat. Order messages come without being asked for.
 */
export type SocketRequest =
  | { readonly Type: "H"; readonly Token: string }
  | { readonly Type: "T" | "D"; readonly Token: string; readonly Symbols: readonly string[] };

/** A trade. Numbers are numbers or text on the wire. */
export interface TickContent {
  readonly Symbol: string;
  readonly Market: string;
  readonly Price: number | string;
  readonly Change: number | string;
  readonly Ask: number | string;
  readonly Bid: number | string;
  /** ISO with offset, +03:00. */
  readonly Date: string;
  readonly ChangePercentage: number | string;
  readonly High: number | string;
  readonly Low: number | string;
  readonly TradeQuantity: number | string;
  readonly Direction: "B" | "S";
  readonly RefPrice: number | string;
  readonly BalancePrice: number | string;
  readonly BalanceAmount: number | string;
  readonly Buying: string;
  readonly Selling: string;
}

/** One row of the order book, counted from the best price on. */
export interface DepthContent {
  readonly Symbol: string;
  readonly Market: string;
  readonly Direction: "B" | "S";
  readonly Row: number;
  readonly Quantity: number | string;
  readonly Price: number | string;
  readonly OrderCount: number | string;
  readonly Date: string;
}

/**
 * Something happened to an order of the customer. Whether ExecutedLot counts this execution or all of them is not
 * documented, and directions and types came as numbers and as text: read it as a hint to look at the list.
 */
export interface OrderContent {
  readonly Id: string;
  readonly Date: string;
  readonly Direction: number | string;
  readonly Symbol: string;
  readonly Lot: number | string;
  readonly PriceType: number | string;
  readonly Price: number | string;
  /** Holds the order's reference. */
  readonly Comment: string;
  readonly Status: number | string;
  readonly Channel: string;
  readonly ExecutedLot: number | string;
  readonly ExecutedPrice: number | string;
}

export type SocketMessage =
  | { readonly Type: "T"; readonly Content: TickContent }
  | { readonly Type: "D"; readonly Content: DepthContent }
  | { readonly Type: "O"; readonly Content: OrderContent };

/** `Status` of an order message. */
export const orderMessageStatus = {
  waiting: 0,
  delivered: 1,
  filled: 2,
  partiallyFilled: 3,
  cancelled: 4,
  modified: 5,
  suspended: 6,
  expired: 7,
  error: 8,
} as const;

/** Opens the broker's socket with the headers that it demands. It closes (1006) unless something is sent at once. */
export function openSocket({ baseUrl, apiKey, hash, proxy }: SocketOptions, options: ClientOptions = {}): WebSocket {
  return new WebSocket(`${baseUrl.replace(/^http/, "ws")}/api/ws`, {
    perMessageDeflate: false,
    maxPayload: 1024 * 1024,
    handshakeTimeout: networkLimits.broker.handshakeMs,
    ...(proxy === undefined ? {} : { createConnection: throughTunnel(proxy, baseUrl) }),
    ...options,
    headers: { APIKEY: apiKey, Authorization: hash, Checker: socketChecker(apiKey) },
  });
}

/** Gives the client of `ws` a tunnel in place of a connection of its own; Node waits for the callback. */
function throughTunnel(proxy: ForwardProxy, baseUrl: string): ClientOptions["createConnection"] {
  const { hostname, port, protocol } = new URL(baseUrl);
  const connect = (_options: unknown, callback: (error: Error | null, socket?: Duplex) => void): undefined => {
    proxy.connect({ hostname: hostname.replace(/^\[|\]$/g, ""), port, protocol }, (error, socket) => {
      callback(error, socket ?? undefined);
    });
  };
  return connect as unknown as ClientOptions["createConnection"];
}
