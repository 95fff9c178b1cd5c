import type { ClientMessage } from "../../../packages/kit/http/client-socket";
import { feedSymbolPattern } from "../domain/tick";

/** What a client can listen to, symbol by symbol. */
export const channels = ["QUOTE", "TRADE", "DEPTH"] as const;
export type Channel = (typeof channels)[number];

/** Most symbols in one message, and most subscriptions of one client. */
export const mostSymbols = 600;
export const mostSubscriptions = 2_000;

export interface SubscriptionRequest {
  readonly type: "SUBSCRIBE" | "UNSUBSCRIBE";
  readonly channel: Channel;
  readonly symbols: readonly string[];
}

/** Reads `{"type":"SUBSCRIBE","channel":"QUOTE","symbols":["GARAN"]}`, or says what is wrong with it. */
export function readRequest(message: ClientMessage): SubscriptionRequest | { readonly problem: string } {
  const { type, channel, symbols } = message as ClientMessage & { channel?: unknown; symbols?: unknown };
  if (type !== "SUBSCRIBE" && type !== "UNSUBSCRIBE") {
    return { problem: `"${type}" is not known; use AUTH, SUBSCRIBE, UNSUBSCRIBE or PING` };
  }
  const known = channels.find((candidate) => candidate === channel);
  if (known === undefined) return { problem: `channel must be one of ${channels.join(", ")}` };
  const usable =
    Array.isArray(symbols) &&
    symbols.length > 0 &&
    symbols.length <= mostSymbols &&
    symbols.every((symbol): symbol is string => typeof symbol === "string" && feedSymbolPattern.test(symbol));
  if (!usable) return { problem: `symbols must be a list of 1 to ${mostSymbols} codes such as GARAN` };
  return { type, channel: known, symbols: symbols };
}

/** Pieces of JSON, serialized once for all clients. */
export interface Pieces {
  readonly quotes: readonly string[];
  readonly trades: readonly string[];
  readonly books: readonly string[];
}

/** One frame: only the lists that hold something. */
export function frame(type: "SNAPSHOT" | "UPDATE" | "CONFLATED", { quotes, trades, books }: Pieces): string {
  let text = `{"type":"${type}"`;
  if (quotes.length > 0) text += `,"quotes":[${quotes.join()}]`;
  if (trades.length > 0) text += `,"trades":[${trades.join()}]`;
  if (books.length > 0) text += `,"books":[${books.join()}]`;
  return `${text}}`;
}
