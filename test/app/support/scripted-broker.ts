import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { parseAccountStatement } from "../../../app/packages/algolab/account-statement";
import { parseBrokerOrders } from "../../../app/packages/algolab/broker-order";
import type { AlgolabSession } from "../../../app/packages/algolab/client";
import { formatBrokerTime } from "../../../app/packages/algolab/time";
import { istanbulDate } from "../../../app/packages/bist/calendar";
import { Database } from "../../../app/packages/kit/database/database";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import type { AccountContext } from "../../../app/services/broker-integration/execution/account-context";
import { AccountLeases } from "../../../app/services/broker-integration/execution/account-leases";
import { tradingMetrics } from "../../../app/services/broker-integration/execution/metrics";
import { testTradingConfig } from "./broker";
import { createTestDatabase } from "./postgres";
import type { TestDatabase } from "./postgres";

export type Row = Readonly<Record<string, string>>;

export const today = istanbulDate(Date.now());

/** A row of the list in its real form. */
export const row = (orderId: string, change: Row = {}): Row => ({
  atpref: `F${orderId.slice(0, 8)}`.toUpperCase(),
  ticker: "GARAN",
  buysell: "Alış",
  ordersize: "100",
  remainingsize: "100",
  price: "0",
  amount: "1205.000000",
  transactiontime: `${formatBrokerTime(new Date()).slice(0, 10)} 00:00:00`,
  timetransaction: formatBrokerTime(new Date()),
  valor: formatBrokerTime(new Date()).slice(0, 10),
  status: "11101",
  waitingprice: "12.050000",
  description: "İletildi",
  transactionId: "20240730FO1AB2",
  equityStatusDescription: "WAITING",
  shortfall: "0",
  timeinforce: "0",
  fillunit: "0",
  ...change,
});

export const ended = { status: "00000", remainingsize: "0" };

/** An account whose list of orders and statement a test writes, for what reads them: a new one for each test of a file. */
export function scriptedBroker() {
  let owned: TestDatabase;
  let database: Database;
  let context: AccountContext;
  let trading: ReturnType<typeof tradingMetrics> | undefined;
  let listed: readonly unknown[];
  let stated: readonly unknown[];
  const metrics = new Metrics("test");
  const logged: object[] = [];

  beforeAll(async () => {
    owned = await createTestDatabase();
    database = new Database(owned.config, metrics, pino({ level: "silent" }), "test");
  });
  afterAll(async () => {
    await database.close();
    await owned.drop();
  });

  beforeEach(async () => {
    const account = { accountId: randomUUID(), userId: randomUUID(), subAccount: "" };
    await owned.query(
      "INSERT INTO broker_accounts (account_id, user_id, customer_hash) VALUES ($1, $2, uuid_send($1))",
      [account.accountId, account.userId],
    );
    listed = [];
    stated = [];
    logged.length = 0;
    const session: Pick<AlgolabSession, "todaysOrders" | "statement"> = {
      todaysOrders: () => Promise.resolve(parseBrokerOrders(listed)),
      statement: () => Promise.resolve(parseAccountStatement({ accountextre: stated, viopextre: [] })),
    };
    const log = pino({ level: "warn" }, { write: (line: string) => logged.push(JSON.parse(line) as object) });
    trading ??= tradingMetrics(metrics);
    context = {
      account,
      sessionId: randomUUID(),
      // What reads the list and the statement calls nothing else.
      session: session as AlgolabSession,
      leases: new AccountLeases(database, 10_000),
      database,
      config: testTradingConfig,
      clock: { now: () => Date.now() },
      metrics: trading,
      log,
      failpoint: () => undefined,
    };
  });

  /** An order of the account that the broker took, and its id. */
  async function open(change: Partial<Record<string, string | null>> = {}): Promise<string> {
    const orderId = randomUUID();
    const order = {
      order_id: orderId,
      client_order_id: orderId,
      user_id: context.account.userId,
      account_id: context.account.accountId,
      symbol: "GARAN",
      side: "BUY",
      order_type: "LIMIT",
      quantity: "100",
      price: "12.05",
      status: "ACCEPTED",
      trading_day: today,
      broker_reference: `F${orderId.slice(0, 8)}`.toUpperCase(),
      submitting_at: new Date(Date.now() - 1_000).toISOString(),
      ...change,
    };
    const names = Object.keys(order);
    await owned.query(
      `INSERT INTO orders (${names.join()}) VALUES (${names.map((_, index) => `$${index + 1}`).join()})`,
      Object.values(order),
    );
    return orderId;
  }

  async function orderNow(orderId: string) {
    const [order] = await owned.query<{
      status: string;
      filled: string;
      average: string | null;
      reason: string | null;
    }>(
      `SELECT status, filled_quantity AS filled, average_fill_price AS average, status_reason AS reason
       FROM orders WHERE order_id = $1`,
      [orderId],
    );
    return order;
  }

  const bookedFor = (orderId: string) =>
    owned.query<{ quantity: string; price: string; derived: boolean; day: string; settles: string }>(
      `SELECT t.quantity, t.price, t.price_derived AS derived, t.settlement_date::text AS settles,
              (t.transaction_date AT TIME ZONE 'Europe/Istanbul')::date::text AS day
       FROM transactions t JOIN executions USING (execution_id) WHERE order_id = $1 ORDER BY transaction_id`,
      [orderId],
    );

  return {
    get owned() {
      return owned;
    },
    get context() {
      return context;
    },
    set context(changed: AccountContext) {
      context = changed;
    },
    /** Rows that the broker lists. */
    set listed(rows: readonly unknown[]) {
      listed = rows;
    },
    /** Rows of the account statement. */
    get stated(): readonly unknown[] {
      return stated;
    },
    set stated(rows: readonly unknown[]) {
      stated = rows;
    },
    metrics,
    logged,
    open,
    orderNow,
    bookedFor,
  };
}
