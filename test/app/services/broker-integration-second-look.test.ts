import { metrics as contract } from "../../../app/packages/contract/metrics";
import type { Database } from "../../../app/packages/kit/database/database";
import { reconcile } from "../../../app/services/broker-integration/execution/reconcile";
import { ended, row, scriptedBroker, today } from "../support/scripted-broker";
import type { Row } from "../support/scripted-broker";

const scripted = scriptedBroker();
const { open, orderNow, bookedFor } = scripted;

const contradicted = async (field: string) =>
  Number(
    new RegExp(`^${contract.orderEndsContradicted.name}\\{.*field="${field}".*\\} (.+)$`, "m").exec(
      await scripted.metrics.registry.metrics(),
    )?.[1] ?? 0,
  );

describe("an order that was called absent", () => {
  const long = new Date(Date.now() - 3_600_000).toISOString();
  const absent = async () => {
    const orderId = await open({ status: "UNKNOWN", broker_reference: null, submitting_at: long, unknown_at: long });
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({
      status: "REJECTED",
      reason: expect.stringMatching(/^NOT_RECEIVED/) as string,
    });
    return orderId;
  };

  test("and is listed after all is told once, and stays as it is", async () => {
    const orderId = await absent();
    const before = await contradicted("absent");
    scripted.listed = [row(orderId)];
    await reconcile(scripted.context);
    await reconcile(scripted.context);
    expect(await contradicted("absent")).toBe(before + 1);
    const told = scripted.logged.filter((line) => "references" in line);
    expect(told).toEqual([expect.objectContaining({ orderId, references: [row(orderId)["atpref"]] })]);
    expect(await orderNow(orderId)).toMatchObject({ status: "REJECTED" });
  });

  test("and is listed after all is told although nothing of that list could be recorded", async () => {
    const orderId = await absent();
    const before = await contradicted("absent");
    scripted.listed = [row(orderId)];
    const { context } = scripted;
    let transactions = 0;
    const failing = Object.create(context.database, {
      as: {
        value: (...call: Parameters<Database["as"]>) =>
          transactions++ === 0 ? context.database.as(...call) : Promise.reject(new Error("the database is away")),
      },
    }) as Database;
    await expect(reconcile({ ...context, database: failing })).rejects.toThrow("the database is away");
    expect(await contradicted("absent")).toBe(before + 1);
  });

  test("keeps the list of its day being read", async () => {
    expect(await reconcile(scripted.context)).toEqual({ unclaimed: 0, mayBeLate: false });
    await absent();
    expect(await reconcile(scripted.context)).toEqual({ unclaimed: 0, mayBeLate: true });
  });

  test("is so by the list of its sub-account, whatever another one's showed", async () => {
    const elsewhere = await open({ status: "CANCELLED" });
    scripted.listed = [row(elsewhere), row(elsewhere, { atpref: "FELSEWHERE" })];
    await reconcile(scripted.context);
    await scripted.owned.query(
      "INSERT INTO broker_orders (account_id, user_id, trading_day, reference, sub_account) VALUES ($1, $2, $3, $4, '')",
      [scripted.context.account.accountId, scripted.context.account.userId, today, row(elsewhere)["atpref"]],
    );
    const long = new Date(Date.now() - 3_600_000).toISOString();
    const orderId = await open({ status: "UNKNOWN", broker_reference: null, submitting_at: long, unknown_at: long });
    scripted.listed = [];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN" });
    scripted.context = { ...scripted.context, account: { ...scripted.context.account, subAccount: "200" } };
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "REJECTED" });
  });

  test("is not taken for another one", async () => {
    const orderId = await absent();
    const before = await contradicted("absent");
    const placedAgain = await open({ submitting_at: new Date().toISOString() });
    const others: Row[] = [
      { ordersize: "101" },
      { buysell: "Satış" },
      { ticker: "AKBNK" },
      { waitingprice: "12.060000" },
    ];
    scripted.listed = [
      row(placedAgain),
      ...others.map((change, index) => row(orderId, { atpref: `F0000${index}`, ...change })),
    ];
    await reconcile(scripted.context);
    expect(await contradicted("absent")).toBe(before);
  });
});

describe("an order that ended and is listed otherwise later", () => {
  const deleted = { ...ended, description: "Silindi", equityStatusDescription: "DELETED" };
  /** What one look counts. */
  const look = async (change: Row, orderId: string) => {
    scripted.listed = [row(orderId, change)];
    const before = { filled: await contradicted("filled"), status: await contradicted("status") };
    await reconcile(scripted.context);
    return {
      filled: (await contradicted("filled")) - before.filled,
      status: (await contradicted("status")) - before.status,
    };
  };

  test.each<[string, Row, Row, object, object, readonly string[]]>([
    [
      "with fills that are missing",
      deleted,
      { ...deleted, fillunit: "60", price: "12.03" },
      { filled: 1, status: 0 },
      {
        status: "CANCELLED",
        filled: "60",
        average: "12.030000",
        reason: expect.stringMatching(/^ENDED_IN_PART: 60/) as string,
      },
      ["60"],
    ],
    [
      "with more fills",
      { ...deleted, fillunit: "40", price: "12.00" },
      { ...ended, fillunit: "100", price: "12.03", description: "Gerçekleşti" },
      { filled: 1, status: 0 },
      { status: "FILLED", filled: "100", average: "12.030000" },
      ["40", "60"],
    ],
    [
      "with fewer fills",
      { ...ended, fillunit: "100", price: "12.03", description: "Gerçekleşti" },
      { ...deleted, fillunit: "60", price: "12.03" },
      { filled: 1, status: 0 },
      { status: "FILLED", filled: "100", average: "12.030000" },
      ["100"],
    ],
    ["as alive", deleted, {}, { filled: 0, status: 1 }, { status: "CANCELLED", filled: "0" }, []],
    ["as it ended", deleted, { ...deleted, price: "12.01" }, { filled: 0, status: 0 }, { status: "CANCELLED" }, []],
    ["unreadably", deleted, { ...deleted, fillunit: "?" }, { filled: 0, status: 0 }, { status: "CANCELLED" }, []],
  ])("%s is counted, and put right where that is proven", async (_name, first, then, counted, order, lots) => {
    const orderId = await open();
    await look(first, orderId);
    scripted.logged.length = 0;
    expect(await look(then, orderId)).toEqual(counted);
    expect(await orderNow(orderId)).toMatchObject(order);
    expect((await bookedFor(orderId)).map(({ quantity }) => quantity)).toEqual(lots);
    const lines = JSON.stringify(scripted.logged);
    expect(lines.includes("listed otherwise") || lines.includes("ended here otherwise")).toBe(
      JSON.stringify(counted).includes("1"),
    );
    for (const personal of [scripted.context.account.userId, scripted.context.account.accountId])
      expect(lines).not.toContain(personal);
  });

  test("by a list of before its end is not", async () => {
    const orderId = await open();
    await look(deleted, orderId);
    await scripted.owned.query(
      "UPDATE orders SET completed_at = now() + interval '1 minute', version = version + 1 WHERE order_id = $1",
      [orderId],
    );
    expect(await look({}, orderId)).toEqual({ filled: 0, status: 0 });
  });

  test("and was refused is counted, and not filled after all", async () => {
    const orderId = await open();
    await look({ ...ended, description: "Emir Reddedildi" }, orderId);
    expect(await look({ ...ended, description: "Gerçekleşti", fillunit: "100", price: "12" }, orderId)).toEqual({
      filled: 1,
      status: 0,
    });
    expect(await orderNow(orderId)).toMatchObject({ status: "REJECTED", filled: "0" });
  });
});
