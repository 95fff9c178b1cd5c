import { actuator } from "../../../app/packages/contract/services";
import { eventually, logIn, startBrokerIntegration, startTestSimulator } from "../support/broker";
import type { Trader } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { ScriptedAnswers } from "../support/scripted-answers";
import type { TestService } from "../support/service";
import { testToken } from "../support/tokens";

let database: TestDatabase;
let broker: ScriptedAnswers;
let service: TestService;
let trader: Trader;

beforeAll(async () => {
  database = await createTestDatabase();
  const simulator = await startTestSimulator();
  broker = await ScriptedAnswers.before(simulator.url);
  // The answers here are slow or strange, never missing: a busy machine must not make a time-out of them.
  service = await startBrokerIntegration(database, broker.url, { requestTimeoutMs: 10_000 });
  trader = await logIn(service, (customer) => simulator.smsCode(customer));
});
afterEach(() => {
  for (const endpoint of ["AccountExtre", "CashFlow", "InstantPosition", "RiskSimulation"])
    broker.answer(endpoint, undefined);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const get = (path: string) => service.call("GET", path, { token: trader.token });
const statement = (from: string, until: string) => get(`/api/v1/broker/statement?from=${from}&until=${until}`);
const succeeded = (content: unknown) => ({ success: true, message: "", content });
const row = (explanation: string, more: object = {}) => ({
  transdate: "26.07.2024 10:00:00",
  explanation,
  debit: "0",
  credit: "0",
  balance: "0",
  valuedate: "30.07.2024 00:00:00",
  ...more,
});

describe("holdings", () => {
  const held = (code: string, totalstock: string, more: object = {}) => ({
    ...{
      code,
      type: "CH",
      totalstock,
      totalamount: "",
      tlamaount: "1200",
      cost: "100",
      unitprice: "120",
      profit: "200",
    },
    ...more,
  });
  const shown = async (...rows: object[]) => {
    broker.answer("InstantPosition", succeeded(rows));
    const { status, body } = await get("/api/v1/broker/positions");
    expect(status).toBe(200);
    const { positions, unreadable } = body as { positions: { symbol: string; quantity: string }[]; unreadable: number };
    return { positions: positions.map(({ symbol, quantity }) => `${symbol} ${quantity}`), unreadable };
  };

  test("of a share that is listed several times are its sum; they stay as they were where its rows contradict", async () => {
    expect(await shown(held("GARAN", "10"), held("THYAO", "5"), held("GARAN", "30", { cost: "110" }))).toEqual({
      positions: ["GARAN 40", "THYAO 5"],
      unreadable: 0,
    });
    expect(await shown(held("GARAN", "1"), held("THYAO", "6"), held("GARAN", "2", { unitprice: "121" }))).toEqual({
      positions: ["GARAN 40", "THYAO 6"],
      unreadable: 2,
    });
    const { text } = await service.call("GET", actuator.metrics);
    expect(text).toMatch(/^algolab_unreadable_total\{.*endpoint="InstantPosition",field="code".*\} 1$/m);
    expect(await shown(held("GARAN", "7"), held("GARAN", "0", { cost: "0" }))).toEqual({
      positions: ["GARAN 7"],
      unreadable: 0,
    });
  });
});

describe("an answer of the broker that cannot be read", () => {
  test.each([
    ["/api/v1/broker/cash-flow", "CashFlow", "<html>maintenance</html>"],
    ["/api/v1/broker/cash-flow", "CashFlow", succeeded([])],
    ["/api/v1/broker/portfolio", "RiskSimulation", succeeded("nothing")],
    ["/api/v1/broker/positions", "InstantPosition", succeeded({})],
    ["/api/v1/broker/statement?from=2024-07-01&until=2024-07-02", "AccountExtre", succeeded([])],
  ])("%s after %s %j is called what it is, and asked for again the next time", async (path, endpoint, answer) => {
    broker.answer(endpoint, answer);
    expect(await get(path)).toMatchObject({ status: 502, body: { code: "BROKER_ANSWER_UNREADABLE" } });
    broker.answer(endpoint, undefined);
    expect(await get(path)).toMatchObject({ status: 200 });
    await database.query("UPDATE account_views SET content = NULL, as_of = NULL");
  });

  test("is never called a time-out, however often it is asked for", async () => {
    broker.answer("CashFlow", "garbage");
    for (let times = 0; times < 3; times++) {
      expect(await get("/api/v1/broker/cash-flow")).toMatchObject({ body: { code: "BROKER_ANSWER_UNREADABLE" } });
    }
  });

  test("is told from a refusal", async () => {
    broker.answer("AccountExtre", { success: false, message: "not today", content: null });
    expect(await statement("2024-06-01", "2024-06-02")).toMatchObject({
      status: 502,
      body: { code: "BROKER_REFUSED" },
    });
  });
});

test("a view that is asked for while it is being fetched is fetched again: what is on its way is of before", async () => {
  const cash = (t0: string) => succeeded({ t0, t1: t0, t2: t0 });
  let arrive: (answer: object) => void = () => undefined;
  const asked = broker.asked.length;
  broker.answer("CashFlow", () => new Promise((resolve) => (arrive = resolve)));
  const first = get("/api/v1/broker/cash-flow");
  await eventually(
    () => broker.asked.length,
    (count) => count === asked + 1,
  );
  const wish = async () =>
    (
      await database.query<{ at: string }>(
        "SELECT requested_at::text AS at FROM account_views WHERE kind = 'CASH_FLOW'",
      )
    )[0]?.at;
  const firstWish = await wish();
  const second = get("/api/v1/broker/cash-flow");
  await eventually(wish, (at) => at !== firstWish);
  broker.answer("CashFlow", cash("2"));
  arrive(cash("1"));
  // The first is content with either: both may have come between two of its looks.
  expect((await first).body).toMatchObject({ figures: { t0: expect.stringMatching(/^[12]$/) as string } });
  expect((await second).body).toMatchObject({ figures: { t0: "2" } });
});

test("a view that arrives while the worker looks for work is not fetched again", async () => {
  let arrive: (answer: object) => void = () => undefined;
  broker.answer("CashFlow", () => new Promise((resolve) => (arrive = resolve)));
  const asks = () => broker.asked.filter(({ endpoint }) => endpoint === "CashFlow").length;
  const asked = asks();
  const shown = get("/api/v1/broker/cash-flow");
  await eventually(asks, (count) => count === asked + 1);
  // The worker reads which views are asked for, and waits before it has read all.
  await database.query("BEGIN");
  await database.query("LOCK TABLE account_statements");
  try {
    await eventually(
      () => database.query("SELECT FROM pg_locks WHERE NOT granted AND relation = 'account_statements'::regclass"),
      (rows) => rows.length > 0,
    );
    arrive(succeeded({ t0: "3", t1: "3", t2: "3" }));
    expect((await shown).body).toMatchObject({ figures: { t0: "3" } });
  } finally {
    await database.query("COMMIT");
  }
  // What is asked for now comes after whatever that look found.
  broker.answer("RiskSimulation", succeeded({ figure: "1" }));
  expect((await get("/api/v1/broker/portfolio")).status).toBe(200);
  expect(asks()).toBe(asked + 1);
});

describe("the account statement", () => {
  test("gives the broker's rows and what was understood of them", async () => {
    broker.answer(
      "AccountExtre",
      succeeded({
        accountextre: [
          row("Devir", { transdate: "01.01.0001 00:00:00" }),
          row("26/07/2024 Ref = FO1AB2 HS 22.560000", { debit: "44.000000" }),
          row("26/07/2024 Ref = FO1AB3 HA 38.64x44 ARDYZ", { debit: "1700.160000", balance: "-1700.160000" }),
          row("Komisyon", { debit: "3.40" }),
          row("Komisyon BSMV", { debit: "0.17" }),
          row("<img src=x onerror=alert(1)>\u0000\ud800", { credit: "1" }),
          row("26/07/2024 Ref = FO1AB4 HA 1.5", { credit: "yarım" }),
          "no row at all",
        ],
        // The second is what the broker sends where there is nothing.
        viopextre: [
          {
            shortlong: "L",
            transactiondate: "26.07.2024",
            contract: "F_XU0300824",
            credit: "0",
            debit: "-",
            balance: "1",
          },
          { shortlong: "-", transactiondate: "-", contract: "-", credit: "-", debit: "-", balance: "-" },
        ],
      }),
    );
    const { status, body } = await statement("2024-07-01", "2024-07-31");
    expect(status).toBe(200);
    expect(broker.asked.at(-1)?.body).toMatchObject({ start: "2024-07-01T00:00:00", end: "2024-07-31T23:59:59" });
    expect(body).toMatchObject({
      from: "2024-07-01",
      until: "2024-07-31",
      unreadableRows: 3,
      rows: [
        { kind: "CARRIED_OVER", trade: null, unreadable: [] },
        {
          kind: "TRADE",
          market: "EQUITY",
          debit: "44.000000",
          explanation: "26/07/2024 Ref = FO1AB2 HS 22.560000",
          date: "26.07.2024 10:00:00",
          trade: { reference: "FO1AB2", tradingDay: "2024-07-26", side: "SELL", quantity: "44", price: "22.560000" },
        },
        {
          kind: "CASH",
          balance: "-1700.160000",
          trade: { side: "BUY", symbol: "ARDYZ", quantity: "44", price: "38.64" },
        },
        { kind: "FEE", debit: "3.40" },
        { kind: "TAX", debit: "0.17" },
        { kind: "OTHER", credit: "1" },
        { kind: "TRADE", credit: null, trade: { quantity: null }, unreadable: ["credit"] },
        { kind: "OTHER", unreadable: ["row"] },
        { market: "FUTURES", date: "26.07.2024", explanation: "F_XU0300824", kind: "OTHER", unreadable: ["debit"] },
      ],
    });
    const logged = service.logged.find(({ endpoint }) => endpoint === "AccountExtre");
    expect(logged).toMatchObject({ rows: 3 });
    expect(JSON.stringify(service.logged)).not.toContain("ARDYZ");
  });

  test("is fetched by the account's worker, once for a period", async () => {
    broker.answer("AccountExtre", succeeded({ accountextre: [], viopextre: [] }));
    broker.asked.length = 0;
    const answers = await Promise.all([statement("2024-01-01", "2024-01-31"), statement("2024-01-01", "2024-01-31")]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(broker.asked.length).toBeLessThanOrEqual(2);
  });

  test.each([
    ["2024-01-31", "2024-01-01"],
    ["2024-01-01", "2024-04-02"],
    ["2024-02-30", "2024-02-30"],
    ["0000-01-01", "0000-01-01"],
    ["2024-1-1", "2024-1-2"],
  ])("from %s until %s is refused", async (from, until) => {
    expect(await statement(from, until)).toMatchObject({ status: 400 });
  });

  test("of 92 days is given", async () => {
    expect((await statement("2024-01-01", "2024-04-01")).status).toBe(200);
  });

  test("is not asked for more often than the broker can answer", async () => {
    broker.answer("AccountExtre", "garbage");
    await database.query(
      `INSERT INTO account_statements (account_id, sub_account, from_date, until_date, user_id, requested_at)
       SELECT account_id, sub_account, day::date, day::date, user_id, now() FROM broker_accounts,
         generate_series('2023-01-01'::date, '2023-01-20', '1 day') AS day WHERE user_id = $1`,
      [trader.userId],
    );
    const answer = await statement("2023-05-01", "2023-05-02");
    expect(answer).toMatchObject({ status: 429, body: { code: "STATEMENTS_WAITING" } });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    const waiting = () =>
      database.query<{ count: string }>(
        "SELECT count(*) FROM account_statements WHERE requested_at > coalesce(failed_at, as_of, '-infinity')",
      );
    await eventually(waiting, ([found]) => found?.count === "0");
  });

  test("needs a session at the broker", async () => {
    const answer = await service.call("GET", "/api/v1/broker/statement?from=2024-01-01&until=2024-01-02", {
      token: await testToken(),
    });
    expect(answer).toMatchObject({ status: 409, body: { code: "BROKER_SESSION_REQUIRED" } });
  });
});
