import { randomUUID } from "node:crypto";
import { auditOf } from "../../../ops/core/audit";
import type { OwnedDatabase } from "../../app/support/owned-database";
import { debianPostgresMissing } from "../../app/support/debian-postgres";
import { describeWhere } from "../../support/skip";
import { startDatabaseOfTests } from "../support/database";
import { Harness } from "../support/harness";
import { testEnvironmentMissing } from "../support/test-environment";

jest.setTimeout(180_000);

const missing = testEnvironmentMissing() ?? debianPostgresMissing();

describeWhere(missing, "orders in doubt on this machine", () => {
  const orderId = randomUUID();
  const userId = randomUUID();
  let harness: Harness;
  let database: OwnedDatabase;

  beforeAll(async () => {
    harness = new Harness("http://127.0.0.1:9");
    await harness.forgetRecords();
    database = await startDatabaseOfTests();
    const account = randomUUID();
    await database.query("INSERT INTO broker_accounts (account_id, user_id, customer_hash) VALUES ($1, $2, $3)", [
      account,
      userId,
      Buffer.from(userId),
    ]);
    await database.query(
      `INSERT INTO orders (order_id, client_order_id, user_id, account_id, symbol, side, order_type, quantity, price, status,
         version, trading_day, submitting_at, unknown_at)
       VALUES ($1, 'doubt', $2, $3, 'GARAN', 'BUY', 'LIMIT', 3000, 101.50, 'UNKNOWN', 3, '2026-11-25', now(), now())`,
      [orderId, userId, account],
    );
  });
  afterAll(() => database.drop());

  const status = async () => {
    const rows = await database.query<{ status: string }>("SELECT status FROM orders WHERE order_id = $1", [orderId]);
    return rows[0]?.status;
  };

  test("are listed, tried, settled once, and kept in the audit trail", async () => {
    expect(await harness.ops("orders doubtful")).toMatchObject({
      code: 0,
      answer: { answer: { total: 1, orders: [{ orderId, userId, decidedBy: "ACCOUNT_STATEMENT" }] } },
    });
    const verdict = `orders resolve ${orderId} --as CANCELLED --filled 1517 --average 101.48 --reference FO1AB2 --evidence statement`;
    expect(await harness.ops(verdict.replace("1517", "3001"))).toMatchObject({
      code: 3,
      answer: { reason: expect.stringContaining("more than the 3000 ordered") as string },
    });
    expect(await harness.ops(`${verdict} --dry-run`)).toMatchObject({ code: 0 });
    expect(await status()).toBe("UNKNOWN");
    const settled = { to: "CANCELLED", filledQuantity: "1517", execution: { quantity: "1517" } };
    expect(await harness.ops(verdict)).toMatchObject({ code: 0, answer: { answer: settled } });
    expect(await status()).toBe("CANCELLED");
    // Again, as after an interruption; and otherwise, which comes too late.
    expect(await harness.ops(verdict)).toMatchObject({ code: 0, answer: { answer: { ...settled, execution: null } } });
    expect((await harness.ops(verdict.replace("1517", "1518"))).code).toBe(3);
    expect(await harness.ops("orders doubtful")).toMatchObject({ answer: { answer: { total: 0 } } });

    const [kept] = await database.query<{ operator: string }>("SELECT operator, evidence FROM order_resolutions");
    const day = harness.clock.now().toISOString().slice(0, 10);
    const audit = await auditOf(harness.records, day);
    const input = { orderId, as: "CANCELLED", filled: "1517", average: "101.48", reference: "FO1AB2" };
    expect(audit.map(({ event }) => event).sort()).toEqual(["done", "done", "started", "started"]);
    for (const entry of audit) {
      expect(entry).toMatchObject({ command: "orders resolve", operator: kept?.operator, input });
    }
  });
});
