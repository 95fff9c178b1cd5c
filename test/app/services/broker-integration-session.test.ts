import { parsePrice } from "../../../app/packages/bist/price";
import { metrics } from "../../../app/packages/contract/metrics";
import { strangeRows } from "../../../app/packages/simulator/strange-rows";
import { eventually } from "../support/broker";
import { accountWorker } from "../support/account-worker";
import { testToken } from "../support/tokens";

const worker = accountWorker();
const { get } = worker;

describe("the session at the broker", () => {
  test("is sealed in the database, and neither password nor customer number is there or in the log", async () => {
    const rows = await worker.database.query<Record<string, unknown>>(
      "SELECT s::text AS session, a::text AS account FROM algolab_sessions s JOIN broker_accounts a USING (account_id)",
    );
    const stored = JSON.stringify(rows) + JSON.stringify(worker.service.logged);
    expect(rows.length).toBeGreaterThan(0);
    for (const secret of [worker.trader.customer, "a password", Buffer.from("a password").toString("hex")]) {
      expect(stored).not.toContain(secret);
    }
  });

  test("that the broker ended is noticed, and a new login takes over", async () => {
    worker.simulator.sessions.expire(worker.trader.customer);
    await get("/api/v1/broker/cash-flow").catch(() => undefined);
    const status = () => get("/api/v1/broker/auth/status");
    await eventually(status, ({ body }) => (body as { state: string }).state === "LOGGED_OUT");
  });

  test("with a wrong code is refused", async () => {
    const token = await testToken();
    const login = { username: "20000000046", password: "a password" };
    await worker.service.call("POST", "/api/v1/broker/auth/login", { token, body: login });
    const answer = await worker.service.call("POST", "/api/v1/broker/auth/verify-otp", {
      token,
      body: { code: "0000" },
    });
    expect(answer).toMatchObject({ status: 401, body: { code: "BROKER_REFUSED_LOGIN" } });
  });

  test.each([
    ["LoginUser", "garbage", { status: 502, body: { code: "BROKER_ANSWER_UNREADABLE" } }],
    ["LoginUser", "drop", { status: 503, body: { code: "BROKER_UNAVAILABLE" } }],
    ["LoginUserControl", "garbage", { status: 502, body: { code: "BROKER_ANSWER_UNREADABLE" } }],
    ["LoginUserControl", "drop", { status: 503, body: { code: "BROKER_UNAVAILABLE" } }],
  ] as const)("that is begun tells an answer that cannot be read from none: %s, %s", async (at, kind, outcome) => {
    const token = await testToken();
    const customer = `2000000${at.length.toString().padStart(2, "0")}${kind === "drop" ? "01" : "02"}`;
    worker.simulator.faults.add({ at, kind, customer });
    const step = (path: string, body: object) =>
      worker.service.call("POST", `/api/v1/broker/auth/${path}`, { token, body });
    const login = await step("login", { username: customer, password: "a password" });
    const answer = at === "LoginUser" ? login : await step("verify-otp", { code: "0000" });
    worker.simulator.faults.clear();
    expect(answer).toMatchObject(outcome);
  });

  test("shows cash and portfolio as the broker reports them", async () => {
    expect((await get("/api/v1/broker/cash-flow")).body).toMatchObject({ figures: { t0: "100000000.00" } });
    expect((await get("/api/v1/broker/portfolio")).body).toMatchObject({ figures: { t0overall: "100000000.00" } });
  });

  test.each(["garbage", "silence"] as const)("tells an answer that cannot be read from none: %s", async (kind) => {
    worker.simulator.faults.add({ at: "CashFlow", kind, customer: worker.trader.customer });
    const answer = await get("/api/v1/broker/cash-flow");
    expect(answer).toMatchObject(
      kind === "garbage"
        ? { status: 502, body: { code: "BROKER_ANSWER_UNREADABLE" } }
        : { status: 503, body: { code: "BROKER_UNAVAILABLE" } },
    );
    worker.simulator.faults.clear();
    expect(await get("/api/v1/broker/cash-flow")).toMatchObject({ status: 200 });
  });

  test("shows what was answered before, with its age, while the broker does not answer", async () => {
    expect(await get("/api/v1/broker/cash-flow")).toMatchObject({ status: 200 });
    worker.simulator.faults.add({ at: "CashFlow", kind: "drop", customer: worker.trader.customer });
    // A call of before the fault may be answered meanwhile: it is over once another one was asked for.
    const { body: last } = await get("/api/v1/broker/cash-flow");
    expect(await get("/api/v1/broker/cash-flow")).toMatchObject({ status: 200, body: last as object });
  });

  test.each([
    ["CashFlow", () => get("/api/v1/broker/cash-flow"), { status: 502, body: { code: "BROKER_REFUSED" } }],
    ["TodaysTransaction", () => worker.placed().then((id) => worker.becomes(id, "ACCEPTED")), { status: "ACCEPTED" }],
    [
      "SendOrder",
      () => worker.placed().then((id) => worker.becomes(id, "REJECTED")),
      { statusReasonCode: "BROKER_SESSION_EXPIRED" },
    ],
  ])("lives on when %s alone answers 401", async (at, use, outcome) => {
    const refreshed = async () =>
      (await get("/api/v1/broker/auth/status")).body as { state: string; lastRefreshAt: string };
    const before = await refreshed();
    worker.simulator.faults.add({ at, kind: "unauthorized", customer: worker.trader.customer });
    expect(await use()).toMatchObject(outcome);
    const after = await eventually(refreshed, ({ lastRefreshAt }) => lastRefreshAt > before.lastRefreshAt);
    expect(after.state).toBe("LOGGED_IN");
  });

  test("shows the positions that can be read, and counts the others", async () => {
    const { simulator, trader } = worker;
    const bought = await worker.placed({ quantity: "44" });
    const { brokerReference } = await worker.becomes(bought, "ACCEPTED");
    simulator.exchange.fill(brokerReference ?? "", 44n, parsePrice(worker.ceiling()));
    await worker.becomes(bought, "FILLED");
    const strange = Object.values(strangeRows("InstantPosition", new Date(), simulator.habits));
    simulator.setExtraRows("InstantPosition", trader.customer, strange);
    expect(await get("/api/v1/broker/positions")).toMatchObject({
      status: 200,
      body: { positions: [{ symbol: "GARAN", quantity: "44" }], unreadable: strange.length },
    });
    expect(await worker.figure(metrics.algolabUnreadable)).toBeGreaterThan(0);
    simulator.setExtraRows("InstantPosition", trader.customer, []);
  });

  test("that the broker ended is noticed by an order too, once SessionRefresh says so", async () => {
    worker.simulator.faults.add({ at: "SessionRefresh", kind: "unauthorized", customer: worker.trader.customer });
    worker.simulator.faults.add({ at: "SendOrder", kind: "unauthorized", customer: worker.trader.customer });
    await worker.placed();
    const status = () => get("/api/v1/broker/auth/status");
    await eventually(status, ({ body }) => (body as { state: string }).state === "LOGGED_OUT");
  });
});
