import { Type } from "typebox";
import type { Static } from "typebox";
import { symbolPattern } from "../../../packages/bist/symbols";
import { DecimalText, Instant } from "../../../packages/kit/http/schema";
import { brokerStates } from "../application/broker-login";
import type { BrokerStatus } from "../application/broker-login";
import { subAccountProblems } from "../store/wanted-sub-account";
import type { ModifyOrCancelState } from "../application/cancel-and-reprice";
import { orderUpdate, requestUpdate } from "../domain/events";
import { orderStatuses } from "../domain/order";
import type { Order } from "../domain/order";
import { reasonCodes } from "../domain/reason";
import { statementKinds } from "../domain/statement";
import { requestStatuses } from "../domain/order-request";
import type { OrderRequest } from "../domain/order-request";
import type { AccountStatementView, StatementPeriod } from "../store/statements";
import type { Execution } from "../store/executions";
import type { Transaction } from "../store/transactions";

const Maybe = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const Symbol = Type.String({
  pattern: symbolPattern,
  description: "Code at the exchange, such as GARAN or ALTINS1",
});
export const Quantity = Type.String({ pattern: "^[0-9]{1,15}$", description: "Whole lots; one lot is one share" });
export const Price = Type.String({
  pattern: "^[0-9]{1,13}(\\.[0-9]{1,2})?$",
  description: "Lira, at most two decimals",
});
export const OrderId = Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" });
export const UserId = Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" });
export const SubAccountNumber = Type.String({
  pattern: "^[0-9A-Za-z-]{0,32}$",
  description: "As the broker lists it; empty for the only one",
});

export const OrderSchema = Type.Object({
  orderId: OrderId,
  clientOrderId: Type.String(),
  symbol: Symbol,
  side: Type.Enum(["BUY", "SELL"]),
  type: Type.Enum(["LIMIT", "MARKET"]),
  timeInForce: Type.Enum(["DAY"]),
  quantity: Quantity,
  price: Maybe(Price),
  filledQuantity: Quantity,
  averageFillPrice: Maybe(DecimalText()),
  averageFillPriceDerived: Type.Boolean({
    description: "The broker has given no price: the average is assumed, and put right when it gives one",
  }),
  status: Type.Enum([...orderStatuses]),
  statusReason: Maybe(Type.String({ description: "Why it is in its status: a code and a text, `CODE: text`" })),
  statusReasonCode: Maybe(Type.Enum([...reasonCodes])),
  brokerReference: Maybe(Type.String()),
  version: Type.Integer(),
  createdAt: Instant(),
  updatedAt: Instant(),
  completedAt: Maybe(Instant()),
});

/** An order over HTTP is what its events carry. */
export const orderView = (order: Order): Static<typeof OrderSchema> => orderUpdate(order);

export const RequestSchema = Type.Object({
  requestId: Type.String(),
  orderId: OrderId,
  kind: Type.Enum(["CANCEL", "MODIFY"]),
  price: Maybe(Price),
  status: Type.Enum([...requestStatuses], {
    description: "DONE and REFUSED are the end of it; UNKNOWN until the broker's list tells",
  }),
  reason: Maybe(Type.String({ description: "Why it is in its status: a code and a text, `CODE: text`" })),
  reasonCode: Maybe(Type.Enum([...reasonCodes])),
  createdAt: Instant(),
  sentAt: Maybe(Instant()),
  completedAt: Maybe(Instant()),
});

/** A request over HTTP is what its events carry. */
export const requestView = (request: OrderRequest): Static<typeof RequestSchema> => requestUpdate(request);

export const ChangeSchema = Type.Object({ order: OrderSchema, request: Maybe(RequestSchema) });

export const changeView = ({ order, request }: ModifyOrCancelState): Static<typeof ChangeSchema> => ({
  order: orderView(order),
  request: request ? requestView(request) : null,
});

const priceDerived = Type.Boolean({
  description: "The broker reports sums: the price is what leads from one to the next, within the order's bounds",
});

export const ExecutionSchema = Type.Object({
  executionId: Type.String(),
  quantity: Quantity,
  price: DecimalText(),
  priceDerived,
  executedAt: Instant(),
});

export const executionView = (execution: Execution): Static<typeof ExecutionSchema> => ({
  ...execution,
  executedAt: execution.executedAt.toISOString(),
});

const PositionSchema = Type.Object({
  symbol: Symbol,
  quantity: Quantity,
  averageCost: DecimalText(),
  lastPrice: DecimalText(),
  marketValue: DecimalText(),
  profit: DecimalText(),
});

export const PositionsSchema = Type.Object({
  asOf: Instant(),
  positions: Type.Array(PositionSchema),
  unreadable: Type.Integer({ description: "Positions that the broker reported and that could not be read" }),
});

export const TransactionSchema = Type.Object({
  transactionId: Type.String(),
  type: Type.Enum(["BUY", "SELL"]),
  orderId: OrderId,
  symbol: Symbol,
  quantity: Quantity,
  price: DecimalText(),
  priceDerived,
  amount: DecimalText(),
  currency: Type.String(),
  transactionDate: Instant(),
  settlementDate: Type.String({ format: "date" }),
  status: Type.Enum(["PENDING", "SETTLED"]),
});

/** @param today Istanbul date: what settles on it or before is settled */
export const transactionView = (transaction: Transaction, today: string): Static<typeof TransactionSchema> => ({
  ...transaction,
  transactionDate: transaction.transactionDate.toISOString(),
  status: transaction.settlementDate <= today ? "SETTLED" : "PENDING",
});

export const StatementDate = Type.String({
  pattern: "^20[0-9]{2}-[0-9]{2}-[0-9]{2}$",
  description: "Istanbul date, such as 2026-11-23; both ends are included",
});
/** Decimal text of the broker, which writes up to 30 places. */
const StatedAmount = Type.String({ pattern: "^-?[0-9]{1,20}(\\.[0-9]{1,30})?$" });

export const StatementSchema = Type.Object({
  asOf: Instant(),
  from: StatementDate,
  until: StatementDate,
  rows: Type.Array(
    Type.Object({
      market: Type.Enum(["EQUITY", "FUTURES"]),
      date: Type.String({ description: "As the broker writes it" }),
      valueDate: Type.String({ description: "As the broker writes it" }),
      explanation: Type.String({ description: "The broker's words" }),
      debit: Maybe(StatedAmount),
      credit: Maybe(StatedAmount),
      balance: Maybe(StatedAmount),
      kind: Type.Enum([...statementKinds], {
        description: "TRADE moves shares, CASH the lira for them; OTHER is what is not understood",
      }),
      trade: Maybe(
        Type.Object({
          reference: Type.String({ description: "The broker's, as `brokerReference` of an order" }),
          tradingDay: Type.String(),
          side: Type.Enum(["BUY", "SELL"]),
          price: StatedAmount,
          quantity: Maybe(Quantity),
          symbol: Maybe(Type.String()),
        }),
      ),
      unreadable: Type.Array(Type.String(), { description: "The broker's names of fields that could not be read" }),
    }),
  ),
  unreadableRows: Type.Integer({ description: "Rows of which something could not be read" }),
});

export const statementView = (
  period: StatementPeriod,
  { content, asOf }: AccountStatementView,
): Static<typeof StatementSchema> => ({
  asOf: asOf.toISOString(),
  ...period,
  rows: content.rows.map((row) => ({ ...row, unreadable: [...row.unreadable] })),
  unreadableRows: content.rows.filter(({ unreadable }) => unreadable.length > 0).length,
});

export const BrokerStatusSchema = Type.Object({
  state: Type.Enum([...brokerStates]),
  expiresAt: Maybe(Instant()),
  lastRefreshAt: Maybe(Instant()),
  streaming: Type.Boolean(),
  subAccount: Maybe(SubAccountNumber),
  wantedSubAccount: Maybe(SubAccountNumber),
  subAccountProblem: Maybe(
    Type.Enum([...subAccountProblems], {
      description: "Why the wanted one is not chosen; null while it is looked for",
    }),
  ),
});

export const brokerStatusView = (status: BrokerStatus): Static<typeof BrokerStatusSchema> => ({
  ...status,
  expiresAt: status.expiresAt?.toISOString() ?? null,
  lastRefreshAt: status.lastRefreshAt?.toISOString() ?? null,
  subAccount: status.subAccount ?? null,
  wantedSubAccount: status.wantedSubAccount ?? null,
  subAccountProblem: status.subAccountProblem ?? null,
});
