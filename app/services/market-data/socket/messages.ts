import { Type } from "typebox";
import type { Static } from "typebox";
import { Compile } from "typebox/compile";
import type { ClientMessage } from "../../../packages/kit/http/client-socket";
import { DecimalText, Instant } from "../../../packages/kit/http/schema";
import type { SocketProtocol } from "../../../packages/kit/http/socket-documentation";
import { BookSchema, Moment, QuoteSchema, Side, SymbolText } from "../routes/schemas";

/** What a client can listen to, symbol by symbol. */
export const channels = ["QUOTE", "TRADE", "DEPTH"] as const;
export type Channel = (typeof channels)[number];

/** Most symbols in one message, and most subscriptions of one client. */
export const mostSymbols = 600;
export const mostSubscriptions = 2_000;

const Symbols = Type.Array(SymbolText, { minItems: 1, maxItems: mostSymbols });
const ChannelName = Type.Enum([...channels], {
  description: "QUOTE the latest price and the day's figures, TRADE each trade, DEPTH the order book",
});
const subscription = <T extends string>(type: T, description: string) =>
  Type.Object({ type: Type.Literal(type), channel: ChannelName, symbols: Symbols }, { description });

const SubscriptionRequest = Type.Union([
  subscription("SUBSCRIBE", "Listens to symbols of a channel; answered SUBSCRIBED, then SNAPSHOT"),
  subscription("UNSUBSCRIBE", "Listens to symbols no longer; answered UNSUBSCRIBED"),
]);
export type SubscriptionRequest = Static<typeof SubscriptionRequest>;
const symbolList = Compile(Symbols);

/** Reads `{"type":"SUBSCRIBE","channel":"QUOTE","symbols":["GARAN"]}`, or says what is wrong with it. */
export function readRequest(message: ClientMessage): SubscriptionRequest | { readonly problem: string } {
  const { type, channel, symbols } = message as ClientMessage & { channel?: unknown; symbols?: unknown };
  if (type !== "SUBSCRIBE" && type !== "UNSUBSCRIBE") {
    return { problem: `"${type}" is not known; use AUTH, SUBSCRIBE, UNSUBSCRIBE or PING` };
  }
  const known = channels.find((candidate) => candidate === channel);
  if (known === undefined) return { problem: `channel must be one of ${channels.join(", ")}` };
  if (!symbolList.Check(symbols)) {
    return { problem: `symbols must be a list of 1 to ${mostSymbols} codes such as GARAN` };
  }
  return { type, channel: known, symbols };
}

const [SubscribeSchema, UnsubscribeSchema] = SubscriptionRequest.anyOf;
const TradeSchema = Type.Object({
  symbol: SymbolText,
  sequence: Type.Integer({ description: "Counts the ticks of the symbol, without a hole" }),
  timestamp: Moment,
  price: DecimalText({ description: "Lira" }),
  quantity: DecimalText({ description: "Shares" }),
  side: Side,
});
const FrameSchema = <T extends FrameType>(type: T, description: string) =>
  Type.Object(
    {
      type: Type.Literal(type),
      quotes: Type.Optional(Type.Array(QuoteSchema, { minItems: 1 })),
      trades: Type.Optional(Type.Array(TradeSchema, { minItems: 1 })),
      books: Type.Optional(Type.Array(BookSchema, { minItems: 1 })),
    },
    { description },
  );

/** What the service answers by itself, as opposed to frames. */
const notices = {
  SUBSCRIBED: subscription("SUBSCRIBED", "Answers SUBSCRIBE"),
  UNSUBSCRIBED: subscription("UNSUBSCRIBED", "Answers UNSUBSCRIBE"),
  PONG: Type.Object({ type: Type.Literal("PONG") }, { description: "Answers PING" }),
  HEARTBEAT: Type.Object(
    { type: Type.Literal("HEARTBEAT"), at: Instant() },
    { description: "Every 10 s to a client with subscriptions: silence means that the connection is gone" },
  ),
  ERROR: Type.Object(
    {
      type: Type.Literal("ERROR"),
      code: Type.Enum(["INVALID_MESSAGE", "TOO_MANY_SUBSCRIPTIONS"]),
      detail: Type.String(),
    },
    { description: "A message that was not carried out; the connection stays" },
  ),
} as const;
type Notice = { [T in keyof typeof notices]: Static<(typeof notices)[T]> }[keyof typeof notices];

/** A message that is no frame, as text. */
export const notice = (message: Notice): string => JSON.stringify(message);

/** What is said over `/ws/market-data`. */
export const marketDataProtocol: SocketProtocol = {
  title: "Quotes, trades and order books as they change",
  description: `At most ${mostSubscriptions} subscriptions for a client. A client that reads too slowly gets CONFLATED in place of what it missed, and is closed when it stays behind.`,
  receives: {
    SUBSCRIBE: SubscribeSchema,
    UNSUBSCRIBE: UnsubscribeSchema,
    PING: Type.Object({ type: Type.Literal("PING") }, { description: "Asks for PONG" }),
  },
  sends: {
    ...notices,
    SNAPSHOT: FrameSchema(
      "SNAPSHOT",
      "What is now, after SUBSCRIBED; for TRADE the quote, whose sequence says which trade comes next",
    ),
    UPDATE: FrameSchema("UPDATE", "What changed"),
    CONFLATED: FrameSchema("CONFLATED", "What is now, in place of updates that were not read in time"),
  },
};

type FrameType = "SNAPSHOT" | "UPDATE" | "CONFLATED";

/** Pieces of JSON, serialized once for all clients. */
export interface Pieces {
  readonly quotes: readonly string[];
  readonly trades: readonly string[];
  readonly books: readonly string[];
}

/** One frame: only the lists that hold something. */
export function frame(type: FrameType, { quotes, trades, books }: Pieces): string {
  let text = `{"type":"${type}"`;
  if (quotes.length > 0) text += `,"quotes":[${quotes.join()}]`;
  if (trades.length > 0) text += `,"trades":[${trades.join()}]`;
  if (books.length > 0) text += `,"books":[${books.join()}]`;
  return `${text}}`;
}
