import { Type } from "typebox";
import { parseLots } from "../../../packages/bist/lots";
import { parsePrice } from "../../../packages/bist/price";
import type { Kurus } from "../../../packages/bist/price";
import { principalOf } from "../../../packages/kit/auth/access";
import { pathOf } from "../../../packages/kit/http/errors";
import { badRequest, notFound, unprocessable } from "../../../packages/kit/http/problem";
import { Body } from "../../../packages/kit/http/schema";
import type { Kit } from "../../../packages/kit/service";
import { cancelOrder, repriceOrder } from "../application/cancel-and-reprice";
import { orderStatuses, unfinishedStatuses } from "../domain/order";
import type { OrderTerms } from "../domain/order";
import { failedCheckCodes, priceCheckCodes } from "../domain/pre-trade-checks";
import { placeOrder } from "../application/place-order";
import type { PlacingOptions } from "../application/place-order";
import { findOrder, listOrders } from "../store/orders";
import { requestsOfOrder } from "../store/requests";
import { executionsOf } from "../store/executions";
import {
  ChangeSchema,
  changeView,
  ExecutionSchema,
  executionView,
  OrderId,
  OrderSchema,
  orderView,
  Price,
  Quantity,
  RequestSchema,
  requestView,
  Symbol,
} from "./schemas";

const tags = ["orders"];
const session = "BROKER_SESSION_REQUIRED";
const notThere = { 404: ["ORDER_NOT_FOUND"] };
const notActive = { 403: ["ACCOUNT_NOT_ACTIVE"] };
/** The price is outside the limits that are known, and the broker cannot be asked whether they still hold. */
const limitsUnconfirmed = { 503: ["BROKER_UNAVAILABLE"] };
const Params = Type.Object({ orderId: OrderId });

/** Orders of one's own: place, change, cancel, look. */
export function orderRoutes({ app, database }: Kit, placing: PlacingOptions): void {
  app.post(
    "/api/v1/orders",
    {
      config: {
        access: "trading:place",
        answerHeaders: {
          Location: "Where the order is found",
          "Idempotency-Replayed": "`true` where the answer is the one of before",
        },
        problems: {
          400: ["IDEMPOTENCY_KEY_REQUIRED"],
          ...notActive,
          409: [
            session,
            "SUB_ACCOUNT_REQUIRED",
            "IDEMPOTENCY_KEY_IN_USE",
            "DUPLICATE_CLIENT_ORDER_ID",
            "TOO_MANY_WAITING",
          ],
          422: ["IDEMPOTENCY_KEY_REUSED", "INVALID_PRICE", ...failedCheckCodes],
          ...limitsUnconfirmed,
        },
      },
      schema: {
        tags,
        summary: "Place an order",
        description:
          "Answers 202 once the order is durable; it is then sent to the broker, at most once. Follow it by its id or " +
          "over /ws/trading. The same Idempotency-Key with the same order gives the first answer again, marked by the " +
          "header Idempotency-Replayed.",
        headers: Type.Object({
          "idempotency-key": Type.String({
            minLength: 1,
            maxLength: 255,
            description: "Names this placing, such as a UUID: it happens once however often it is sent",
          }),
        }),
        body: Body({
          symbol: Symbol,
          side: Type.Enum(["BUY", "SELL"]),
          type: Type.Enum(["LIMIT", "MARKET"]),
          quantity: Quantity,
          price: Type.Optional(Price),
          timeInForce: Type.Optional(Type.Enum(["DAY"])),
          clientOrderId: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
        }),
        response: { 202: OrderSchema },
      },
      // Its absence has a code of its own.
      preValidation: (request, _reply, next) => {
        next(request.headers["idempotency-key"] ? undefined : keyRequired());
      },
    },
    async (request, reply) => {
      const { userId } = principalOf(request);
      const idempotencyKey = request.headers["idempotency-key"];
      const { clientOrderId } = request.body;
      const terms = termsOf(request.body);
      const placement = { userId, idempotencyKey, clientOrderId, terms, answerOf: orderView };
      const { answer, replayed } = await placeOrder(placing, placement);
      if (replayed) reply.header("Idempotency-Replayed", "true");
      // With the service's prefix where the caller used it.
      return (
        reply
          .code(202)
          .header("Location", `${pathOf(request)}/${answer.orderId}`)
          // Answers that were stored before orders had the field are given without it.
          .send({ ...answer, statusReasonCode: answer.statusReasonCode ?? null })
      );
    },
  );

  app.get(
    "/api/v1/orders",
    {
      config: { access: "orders:read" },
      schema: {
        tags,
        summary: "One's orders, newest first",
        querystring: Type.Object({
          status: Type.Optional(Type.Enum([...orderStatuses])),
          open: Type.Optional(Type.Boolean({ description: "Only orders that can still be filled" })),
          symbol: Type.Optional(Symbol),
          after: Type.Optional(OrderId),
          limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        }),
        response: { 200: Type.Object({ orders: Type.Array(OrderSchema), next: Type.Union([OrderId, Type.Null()]) }) },
      },
    },
    async (request) => {
      const { userId } = principalOf(request);
      const { status, open, symbol, after, limit } = request.query;
      const statuses = status ? [status] : open ? unfinishedStatuses : undefined;
      const orders = await database.as({ userId }, (tx) => listOrders(tx, userId, { statuses, symbol, after, limit }));
      return { orders: orders.map(orderView), next: orders.length === limit ? (orders.at(-1)?.orderId ?? null) : null };
    },
  );

  app.get(
    "/api/v1/orders/:orderId",
    {
      config: { access: "orders:read", problems: notThere },
      schema: {
        tags,
        summary: "One order, its executions, and what became of each request to cancel or reprice it",
        params: Params,
        response: {
          200: Type.Object({
            order: OrderSchema,
            executions: Type.Array(ExecutionSchema),
            requests: Type.Array(RequestSchema, { description: "Oldest first" }),
          }),
        },
      },
    },
    async (request) => {
      const { userId } = principalOf(request);
      const { orderId } = request.params;
      return database.as({ userId }, async (tx) => {
        const order = await findOrder(tx, orderId);
        if (order === undefined) throw notFound("ORDER_NOT_FOUND", `no order ${orderId}`);
        return {
          order: orderView(order),
          executions: (await executionsOf(tx, orderId)).map(executionView),
          requests: (await requestsOfOrder(tx, orderId)).map(requestView),
        };
      });
    },
  );

  app.put(
    "/api/v1/orders/:orderId",
    {
      config: {
        access: "trading:modify",
        problems: {
          ...notThere,
          ...notActive,
          409: [session, "CANNOT_MODIFY", "CHANGE_IN_PROGRESS"],
          422: ["INVALID_PRICE", ...priceCheckCodes],
          ...limitsUnconfirmed,
        },
      },
      schema: {
        tags,
        summary: "Give an open order a new limit price",
        params: Params,
        body: Body({ price: Price }),
        response: { 202: ChangeSchema },
      },
    },
    async (request, reply) => {
      const { userId } = principalOf(request);
      const change = await repriceOrder(placing, userId, request.params.orderId, quotable(request.body.price));
      return reply.code(202).send(changeView(change));
    },
  );

  app.delete(
    "/api/v1/orders/:orderId",
    {
      config: {
        access: "trading:cancel",
        problems: { ...notThere, ...notActive, 409: [session, "CANNOT_CANCEL", "CHANGE_IN_PROGRESS"] },
      },
      schema: { tags, summary: "Cancel an order", params: Params, response: { 202: ChangeSchema } },
    },
    async (request, reply) => {
      const { userId } = principalOf(request);
      return reply.code(202).send(changeView(await cancelOrder(placing, userId, request.params.orderId)));
    },
  );
}

const keyRequired = () =>
  badRequest("IDEMPOTENCY_KEY_REQUIRED", "placing an order needs the header Idempotency-Key, such as a UUID");

interface OrderBody {
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly type: "LIMIT" | "MARKET";
  readonly quantity: string;
  readonly price?: string;
}

function termsOf({ symbol, side, type, quantity, price }: OrderBody): OrderTerms {
  if ((type === "LIMIT") !== (price !== undefined)) {
    const detail = type === "LIMIT" ? "a LIMIT order needs a price" : "a MARKET order has no price";
    throw unprocessable("INVALID_PRICE", detail);
  }
  return {
    symbol,
    side,
    quantity: parseLots(quantity),
    limitPrice: price === undefined ? undefined : quotable(price),
  };
}

/** @throws Problem for 0, at which nothing is quoted */
function quotable(text: string): Kurus {
  const price = parsePrice(text);
  if (price === 0n) throw unprocessable("INVALID_PRICE", "a price is above 0");
  return price;
}
