import { Type } from "typebox";
import type { Static, TSchema } from "typebox";
import { DecimalText, Instant } from "../../../packages/kit/http/schema";
import type { SocketProtocol } from "../../../packages/kit/http/socket-documentation";
import type { EventType } from "../domain/events";
import { OrderId, OrderSchema, Quantity, RequestSchema, Symbol } from "../routes/schemas";

const SnapshotMessage = Type.Object(
  { type: Type.Literal("SNAPSHOT"), data: Type.Object({ orders: Type.Array(OrderSchema) }) },
  { description: "Sent once after AUTHENTICATED: the orders that can still change, newest first" },
);
export type SnapshotMessage = Static<typeof SnapshotMessage>;

const event = <D extends TSchema>(type: EventType, data: D, description: string) =>
  Type.Object(
    {
      type: Type.Literal(type),
      eventId: Type.String({ description: "An event may come twice, and has the same id again" }),
      data,
    },
    { description },
  );

/** What each event looks like to its client. */
const events = {
  ORDER_UPDATE: event(
    "ORDER_UPDATE",
    OrderSchema,
    "An order after a change; of two, the one with the higher version is the later",
  ),
  REQUEST_UPDATE: event(
    "REQUEST_UPDATE",
    RequestSchema,
    "A request to cancel or reprice an order, at each change of its status; DONE and REFUSED are its end",
  ),
  TRADE_EXECUTION: event(
    "TRADE_EXECUTION",
    Type.Object({
      executionId: Type.String(),
      orderId: OrderId,
      symbol: Symbol,
      side: Type.Enum(["BUY", "SELL"]),
      quantity: Quantity,
      price: DecimalText({ description: "Lira" }),
      executedAt: Instant(),
    }),
    "A step of an order's fill; with an `executionId` that came before, its price, which the broker gave later",
  ),
  POSITION_UPDATE: event(
    "POSITION_UPDATE",
    Type.Object({ symbol: Type.String(), quantity: Quantity }),
    "The shares held of a symbol, after the broker reported another number; 0 when none are left",
  ),
} satisfies Record<EventType, TSchema>;

/** What is said over `/ws/trading`. */
export const tradingProtocol: SocketProtocol = {
  title: "Orders as they change",
  description:
    "A snapshot of the open orders of the token's user, then every event of that user from then on. After a reconnection the orders that ended meanwhile are found over HTTP.",
  receives: {},
  sends: { SNAPSHOT: SnapshotMessage, ...events },
};
