import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { pino } from "pino";
import { Database } from "../../../app/packages/kit/database/database";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { listOrders } from "../../../app/services/broker-integration/store/orders";
import type { OrderFilter } from "../../../app/services/broker-integration/store/orders";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";

type Value = string | number | readonly string[] | null;

/** A user with 20,000 orders of which 20 were rejected, beside 2,000 with ten each. */
describe("the plan of a page of orders, as the services' user", () => {
  const userId = randomUUID();
  let owned: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    owned = await createTestDatabase();
    database = new Database(owned.config, new Metrics("test"), pino({ level: "silent" }), "test");
    const accountId = randomUUID();
    await owned.query("INSERT INTO broker_accounts (account_id, user_id, customer_hash) VALUES ($1, $2, $3)", [
      accountId,
      userId,
      Buffer.from("customer"),
    ]);
    await owned.query(
      `INSERT INTO orders (order_id, client_order_id, user_id, account_id, symbol, side, order_type, quantity, price,
         status, created_at)
       SELECT gen_random_uuid(), n::text, CASE WHEN n % 2 = 0 THEN $1 ELSE md5((n % 4000)::text)::uuid END, $2, 'GARAN',
         'BUY', 'LIMIT', 1, 1, CASE WHEN n % 2000 = 0 THEN 'REJECTED' ELSE 'CANCELLED' END, now() - n * interval '1 minute'
       FROM generate_series(1, 40000) n`,
      [userId, accountId],
    );
    await owned.query("ANALYZE orders");
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await owned.drop();
  });

  /** What PostgreSQL does for the very statement, in its own transaction with its own settings. */
  const planOf = (filter: OrderFilter): Promise<string> =>
    database.as({ userId }, async (tx) => {
      let listing: readonly [string, readonly Value[]] | undefined;
      const watched = Object.create(tx, {
        query: {
          value: (sql: string, values?: readonly Value[]) => {
            if (values !== undefined) listing = [sql, values];
            return tx.query(sql, values === undefined ? undefined : [...values]);
          },
        },
      }) as PoolClient;
      await listOrders(watched, userId, filter);
      if (listing === undefined) throw new Error("nothing was asked");
      const [sql, values] = listing;
      const literal = (value: Value) =>
        value === null
          ? "NULL"
          : tx.escapeLiteral(typeof value === "object" ? `{${value.join(",")}}` : value.toString());
      await tx.query(`PREPARE listing AS ${sql}`);
      const { rows } = await tx.query<{ "QUERY PLAN": string }>(
        `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE listing (${values.map(literal).join(", ")})`,
      );
      await tx.query("DEALLOCATE listing");
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    });

  const page = { statuses: undefined, symbol: undefined, after: undefined, limit: 50 };

  test("finds the few of a status by idx_orders_user_status", async () => {
    const plan = await planOf({ ...page, statuses: ["REJECTED", "EXPIRED"] });
    expect(plan).toMatch(/ idx_orders_user_status (on orders )?\(actual rows=20 /);
    expect(plan).not.toContain("Rows Removed by Filter");
  });

  test.each([
    ["without a filter", page],
    ["of a status that most have", { ...page, statuses: ["CANCELLED" as const] }],
  ])("reads no more than the page %s", async (_what, filter) => {
    expect(await planOf(filter)).toMatch(/using orders_user_created_idx on orders \(actual rows=5\d /);
  });
});
