import { Type } from "typebox";
import { istanbulDate } from "../../../packages/bist/calendar";
import { principalOf } from "../../../packages/kit/auth/access";
import { Body, Instant } from "../../../packages/kit/http/schema";
import type { Kit } from "../../../packages/kit/service";
import { mostStatementDays, readStatement } from "../application/read-statement";
import { readView } from "../application/read-view";
import { changeSubAccount, listSubAccounts } from "../application/sub-accounts";
import { listTransactions } from "../store/transactions";
import { listPositions } from "../store/views";
import {
  PositionsSchema,
  StatementDate,
  StatementSchema,
  statementView,
  SubAccountNumber,
  TransactionSchema,
  transactionView,
} from "./schemas";

const tags = ["account"];
const access = "portfolio:read";
/** Of routes that show what the broker answers. */
const config = {
  access,
  problems: {
    403: ["ACCOUNT_NOT_ACTIVE"],
    409: ["BROKER_SESSION_REQUIRED"],
    502: ["BROKER_ANSWER_UNREADABLE", "BROKER_REFUSED"],
    503: ["BROKER_UNAVAILABLE"],
  },
} as const;

/** What the user holds, owes and has done, as the broker last reported; `asOf` says when. */
export function accountRoutes({ app, database, clock }: Kit, viewFreshMs: number): void {
  app.get(
    "/api/v1/broker/positions",
    {
      config,
      schema: {
        tags,
        summary: "Holdings",
        response: { 200: PositionsSchema },
      },
    },
    async (request) => {
      const { userId } = principalOf(request);
      const { asOf, content } = await readView(database, userId, "POSITIONS", viewFreshMs);
      const positions = await database.as({ userId }, (tx) => listPositions(tx, userId));
      // Views that were stored before rows were counted have no figure.
      const { unreadable = 0 } = content as { unreadable?: number };
      return { asOf: asOf.toISOString(), positions, unreadable };
    },
  );

  for (const [path, kind, summary] of [
    ["/api/v1/broker/cash-flow", "CASH_FLOW", "Cash today and on the two settlement days after"],
    ["/api/v1/broker/portfolio", "PORTFOLIO", "The broker's figures of cash, stock and equity"],
  ] as const) {
    app.get(
      path,
      {
        config,
        schema: {
          tags,
          summary,
          response: { 200: Type.Object({ asOf: Instant(), figures: Type.Record(Type.String(), Type.String()) }) },
        },
      },
      async (request) => {
        const view = await readView(database, principalOf(request).userId, kind, viewFreshMs);
        return { asOf: view.asOf.toISOString(), figures: view.content as Record<string, string> };
      },
    );
  }

  app.get(
    "/api/v1/broker/statement",
    {
      config: { access, problems: { ...config.problems, 400: ["INVALID_RANGE"], 429: ["STATEMENTS_WAITING"] } },
      schema: {
        tags,
        summary: "What moved in the account, as the broker states it",
        description:
          "Trades, cash, fees, taxes and balances carried over, row by row as the broker gives them, with what was " +
          `understood of each. At most ${mostStatementDays} days; trades of a day appear when the broker has booked them.`,
        querystring: Type.Object({ from: StatementDate, until: StatementDate }),
        response: { 200: StatementSchema },
      },
    },
    async (request) => {
      const { from, until } = request.query;
      const { userId } = principalOf(request);
      return statementView({ from, until }, await readStatement(database, userId, { from, until }, viewFreshMs));
    },
  );

  app.get(
    "/api/v1/broker/sub-accounts",
    {
      config,
      schema: {
        tags,
        summary: "Sub-accounts that the broker lists",
        response: {
          200: Type.Object({
            asOf: Instant(),
            subAccounts: Type.Array(Type.Object({ number: SubAccountNumber, tradeLimit: Type.String() })),
          }),
        },
      },
    },
    async (request) => {
      const { asOf, subAccounts } = await listSubAccounts(database, principalOf(request).userId, viewFreshMs);
      return { asOf: asOf.toISOString(), subAccounts: [...subAccounts] };
    },
  );

  app.put(
    "/api/v1/broker/sub-account",
    {
      config: {
        access: "trading:read",
        problems: {
          ...config.problems,
          409: ["BROKER_SESSION_REQUIRED", "SUB_ACCOUNT_HAS_ORDERS"],
          422: ["UNKNOWN_SUB_ACCOUNT"],
        },
      },
      schema: {
        tags,
        summary: "Have orders, holdings and figures go by another sub-account",
        body: Body({ number: SubAccountNumber }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await changeSubAccount(database, principalOf(request).userId, request.body.number, viewFreshMs);
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/v1/broker/transactions",
    {
      config: { access },
      schema: {
        tags,
        summary: "Purchases and sales, newest first",
        querystring: Type.Object({
          before: Type.Optional(Type.String({ pattern: "^[0-9]{1,18}$" })),
          limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        }),
        response: {
          200: Type.Object({
            transactions: Type.Array(TransactionSchema),
            next: Type.Union([Type.String(), Type.Null()]),
          }),
        },
      },
    },
    async (request) => {
      const { userId } = principalOf(request);
      const { before, limit } = request.query;
      const transactions = await database.as({ userId }, (tx) => listTransactions(tx, userId, before, limit));
      const today = istanbulDate(clock.now());
      return {
        transactions: transactions.map((transaction) => transactionView(transaction, today)),
        next: transactions.length === limit ? (transactions.at(-1)?.transactionId ?? null) : null,
      };
    },
  );
}
