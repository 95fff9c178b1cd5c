import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { extname, join } from "node:path";
import type { Browser, Locator, Page, Route, WebSocketRoute } from "playwright-core";
import { projectRoot } from "../../../lib/paths";
import { describeWithBrowser, launchBrowser } from "./browser";
import { candleIsDrawn } from "./candle-is-drawn";

const patience = { timeout: 30_000 };
/** A secure context by its name alone: every request is answered below, and nothing listens there. */
const address = "http://localhost/";
const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

const order = (more: object) => ({
  orderId: "00000000-0000-0000-0000-000000000001",
  symbol: "GARAN",
  side: "BUY",
  quantity: "100",
  filledQuantity: "0",
  price: "100.00",
  averageFillPrice: null,
  status: "ACCEPTED",
  statusReason: null,
  statusReasonCode: null,
  version: 1,
  createdAt: "2026-11-27T08:00:00.000Z",
  ...more,
});
const quote = (price: string, minute = 0) => ({
  ...{
    symbol: "GARAN",
    sequence: minute,
    timestamp: `2026-11-27T11:0${minute}:00+03:00`,
    price,
    bid: price,
    ask: price,
  },
  ...{ open: "100.00", high: "110.00", low: "90.00", volume: "1000", changePercent: "0.00" },
});

/** An answer that is a problem. */
class Refusal {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail = code,
  ) {}
}

/** The page before services that say what a test wants: states that a market reaches rarely, and texts that are hostile. */
describeWithBrowser("the page shows", () => {
  const folder = join(projectRoot, ".cache", "page-states");
  let browser: Browser | undefined;
  let page: Page;
  /** What services answer, by the end of a path. */
  let answers: Record<string, unknown>;
  let sent: { readonly path: string; readonly body: unknown }[];
  let trading: WebSocketRoute | undefined;
  let market: WebSocketRoute | undefined;
  const complaints: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, [join(projectRoot, "app/web/build.mjs"), folder]);
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    if (browser === undefined) throw new Error("the browser did not start");
    [sent, complaints.length] = [[], 0];
    answers = {
      "/login": {
        accessToken: "token",
        accessExpiresAt: new Date(Date.now() + 900_000).toISOString(),
        refreshToken: "r",
      },
      "/validate": { roles: ["TRADER"] },
      "/symbols": [{ symbol: "GARAN" }, { symbol: "THYAO" }],
      "/session": { phase: "CONTINUOUS_TRADING" },
      "/candles/GARAN": { candles: [] },
      "/status": { state: "LOGGED_IN" },
      "/positions": { positions: [] },
      "/orders": { orders: [] },
    };
    page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.route("**/*", answer);
    await page.routeWebSocket(/\/ws\//, (socket) => {
      if (socket.url().endsWith("/ws/trading")) trading = socket;
      else market = socket;
      socket.onMessage((text) => {
        if (String(text).includes('"AUTH"')) socket.send(JSON.stringify({ type: "AUTHENTICATED", expiresAt: "" }));
      });
    });
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  async function answer(route: Route): Promise<void> {
    const { pathname } = new URL(route.request().url());
    if (!pathname.includes("/api/")) {
      const file = pathname === "/" ? "index.html" : pathname.slice(1);
      const contentType = types[extname(file)];
      if (contentType === undefined) await route.fulfill({ status: 404 });
      else await route.fulfill({ contentType, body: readFileSync(join(folder, file)) });
      return;
    }
    if (route.request().method() !== "GET")
      sent.push({ path: pathname, body: route.request().postDataJSON() as unknown });
    const found = Object.entries(answers).find(([end]) => pathname.endsWith(end))?.[1];
    await route.fulfill(found instanceof Refusal ? { status: found.status, json: found } : { json: found ?? {} });
  }

  async function signIn(): Promise<void> {
    await page.goto(address);
    await page.getByLabel("E-mail address").fill("ada@example.com");
    await page.getByLabel("Password", { exact: true }).fill("a password");
    await page.locator("#entry button[type=submit]").click();
    await page.locator("#desk").waitFor(patience);
  }
  const until = (locator: Locator, hasText: RegExp) => locator.filter({ hasText }).waitFor(patience);
  const row = () => page.locator("#order-rows tr");
  const tell = (socket: WebSocketRoute | undefined, message: object) => socket?.send(JSON.stringify(message));

  test.each([
    ["REJECTED", "PRICE_OUT_OF_LIMITS", "price 5.00 is outside today's limits", "Price 5.00 is outside today's limits"],
    ["REJECTED", "BROKER_REFUSED", "TradeLimitInsufficient", "The broker refused it: TradeLimitInsufficient"],
    ["REJECTED", "NOT_SENT_IN_TIME", "the queue was full", "It was not sent: the queue was full"],
    ["CANCELLED", "BROKER_REPORT", "Silindi", "Cancelled"],
    ["UNKNOWN", "ANSWER_NOT_SEEN", "no answer", "Placing it anew could trade twice"],
  ])("why an order is %s for %s", async (status, statusReasonCode, detail, shown) => {
    const statusReason = `${statusReasonCode}: ${detail}`;
    answers["/orders"] = { orders: [order({ status, statusReason, statusReasonCode })] };
    await signIn();
    await until(row().locator(".state"), new RegExp(shown));
    expect(await row().textContent()).not.toContain(statusReasonCode);
  });

  test.each([
    ["stays", new Refusal(429, "BROKER_BUSY"), true],
    ["stays", new Refusal(429, "RATE_LIMIT_EXCEEDED"), true],
    ["stays", new Refusal(503, "BROKER_UNAVAILABLE"), true],
    ["gives way", new Refusal(401, "BROKER_REFUSED_LOGIN"), false],
    ["gives way", new Refusal(409, "NO_LOGIN_PENDING"), false],
  ] as const)("the form for the code, which %s at %j", async (_, refusal, stays) => {
    answers = { "/broker/auth/login": { state: "AWAITING_CODE" }, "/verify-otp": refusal, ...answers };
    answers["/status"] = { state: "LOGGED_OUT" };
    await signIn();
    await page.getByLabel("Customer number").fill("10000000078");
    await page.getByLabel("Broker password").fill("a password");
    await page.locator("#broker button[type=submit]").click();
    const code = page.getByLabel("Code of the SMS");
    await code.fill("123456");
    await page.locator("#broker button[type=submit]").click();
    await until(page.locator("body"), new RegExp(refusal.code));
    expect(await code.isVisible()).toBe(stays);
    if (stays) expect(await code.inputValue()).toBe("123456");
  });

  test("that the exchange closed, and opened again", async () => {
    await page.clock.install();
    await signIn();
    const phase = page.locator("#market-phase");
    await until(phase, /continuous trading/);
    answers["/session"] = new Refusal(503, "UNAVAILABLE");
    await page.clock.fastForward(60_000);
    answers["/session"] = { phase: "CLOSED" };
    await page.clock.fastForward(60_000);
    await until(phase, /closed/);
    answers["/session"] = { phase: "CONTINUOUS_TRADING" };
    await page.clock.fastForward(60_000);
    await until(phase, /continuous trading/);
  });

  test("a reason of before reasons had codes as it is", async () => {
    answers["/orders"] = { orders: [order({ status: "REJECTED", statusReason: "Limit: yok" })] };
    await signIn();
    await until(row().locator(".state"), /Rejected.*Limit: yok/);
  });

  test("texts of the broker as text, whatever they hold", async () => {
    const hostile = `<img src=x onerror="document.title='injected'"><script>document.title='injected'</script>`;
    answers["/orders"] = {
      orders: [
        order({ status: "REJECTED", statusReasonCode: "BROKER_REFUSED", statusReason: `BROKER_REFUSED: ${hostile}` }),
      ],
    };
    answers["/positions"] = {
      positions: [{ symbol: hostile, quantity: "1", averageCost: "1", marketValue: "1", profit: "0" }],
    };
    answers["/status"] = { state: "LOGGED_IN", subAccount: "1" };
    answers["/sub-accounts"] = { subAccounts: [{ number: "1" }, { number: hostile }] };
    await signIn();
    await until(row().locator(".state"), /<img src=x/);
    await until(page.locator("#position-rows"), /<img src=x/);
    tell(trading, {
      type: "REQUEST_UPDATE",
      data: { ...order({}), kind: "CANCEL", status: "REFUSED", reason: hostile, reasonCode: null },
    });
    await until(page.locator(".orders [role=alert]"), /<img src=x/);
    expect(await page.locator("img, #desk script").count()).toBe(0);
    expect(await page.title()).toBe("BIST Trading");
  });

  test("that the price of a fill is not known yet, and not the one that is assumed", async () => {
    const fills = { status: "FILLED", filledQuantity: "100", averageFillPrice: "0.010000", price: null };
    answers["/orders"] = { orders: [order({ ...fills, averageFillPriceDerived: true })] };
    await signIn();
    await until(row().locator("td").nth(4), /^100 at a price not known yet$/);
  });

  test("how much of an order was filled that ended in part, and at what price", async () => {
    answers["/orders"] = {
      orders: [
        order({
          status: "CANCELLED",
          quantity: "3000",
          filledQuantity: "1517",
          averageFillPrice: "99.123456",
          price: null,
        }),
      ],
    };
    await signIn();
    await until(row().locator("td").nth(4), /^1,517 of 3,000 at 99\.12$/);
    await until(row().locator("td").nth(5), /^Market$/);
  });

  test("value and profit of a position as its price moves", async () => {
    answers["/positions"] = {
      asOf: "2026-11-27T08:02:00.000Z",
      positions: [
        { symbol: "GARAN", quantity: "44", averageCost: "130.928571428571", marketValue: "5720.00", profit: "-40.86" },
      ],
    };
    await signIn();
    const position = page.locator('[data-position="GARAN"] td');
    await until(position.nth(3), /^5,720\.00$/);
    await until(position.nth(4), /^-40\.86$/);
    // What was traded before the broker's answer is in its figures, and a replica that is behind takes nothing back.
    tell(market, { type: "UPDATE", quotes: [quote("150.00", 1)] });
    await until(page.locator("#watch-rows tr"), /GARAN.*150\.00/);
    expect(await position.nth(3).textContent()).toBe("5,720.00");
    tell(market, { type: "UPDATE", quotes: [quote("131.00", 3), quote("150.00", 2)] });
    await until(position.nth(3), /^5,764\.00$/);
    await until(position.nth(4), /^\+3\.14$/);
    tell(market, { type: "UPDATE", quotes: [quote("130.00", 4)] });
    await until(position.nth(4), /^-40\.86$/);
  });

  test("that a cancellation was refused, and why", async () => {
    answers["/orders"] = { orders: [order({})] };
    await signIn();
    await until(row(), /GARAN/);
    const { orderId } = order({});
    const request = { orderId, kind: "CANCEL", reasonCode: "NOT_APPLIED", reason: "NOT_APPLIED: Silme Reddedildi" };
    tell(trading, { type: "REQUEST_UPDATE", data: { ...request, status: "SENT", reason: null, reasonCode: null } });
    tell(trading, { type: "REQUEST_UPDATE", data: { ...request, status: "REFUSED" } });
    await until(page.locator(".orders [role=alert]"), /cancel the order of 100 GARAN was refused.*Silme Reddedildi/);
  });

  test("no price for a market order", async () => {
    await signIn();
    const price = page.getByLabel("Price, TRY");
    await price.waitFor(patience);
    await page.getByLabel("Type").selectOption("MARKET");
    await price.waitFor({ ...patience, state: "hidden" });
    await page.getByLabel("Type").selectOption("LIMIT");
    await price.waitFor(patience);
  });

  test("an order as one, however often it is tried before it is answered, and as another where its terms differ", async () => {
    await signIn();
    await page.getByLabel("Symbol", { exact: true }).fill("GARAN");
    await page.getByLabel("Price, TRY").fill("100.00");
    /** Presses the button, and waits until the page has dealt with the answer. @returns the key of the request */
    const place = async () => {
      const [request] = await Promise.all([
        page.waitForRequest((asked) => asked.method() === "POST" && asked.url().endsWith("/orders")),
        page.locator("#ticket button[type=submit]").click(),
      ]);
      await page.locator("#ticket button[type=submit]:enabled").waitFor(patience);
      return request.headers()["idempotency-key"];
    };
    answers["/orders"] = new Refusal(503, "UNAVAILABLE");
    const [first, again] = [await place(), await place()];
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(again).toBe(first);
    await page.getByLabel("Shares").fill("101");
    const changed = await place();
    expect(changed).not.toBe(first);
    answers["/orders"] = order({});
    expect(await place()).toBe(changed);
    await until(page.locator("#ticket [role=status]"), /Purchase of 101 GARAN placed/);
    expect(await place()).not.toBe(changed);
  });

  test("a login with an API key and a sub-account of one's own, and sends neither where none is given", async () => {
    answers["/status"] = { state: "LOGGED_OUT" };
    await signIn();
    const logIn = async () => {
      await page.getByLabel("Customer number").fill("10000000001");
      await page.getByLabel("Broker password").fill("a password");
      await page.locator("#broker button[type=submit]").click();
      await page.getByLabel("Code of the SMS").waitFor(patience);
      return sent.filter(({ path }) => path.endsWith("/broker/auth/login")).at(-1)?.body;
    };
    expect(await logIn()).toEqual({ username: "10000000001", password: "a password" });
    await page.getByLabel("Code of the SMS").fill("123456");
    await page.locator("#broker button[type=submit]").click();
    await page.getByText("API key or sub-account of my own").click();
    await page.getByLabel("API key", { exact: true }).fill("API-of-mine");
    await page.getByRole("textbox", { name: "Sub-account" }).fill("101");
    expect(await logIn()).toMatchObject({ apiKey: "API-of-mine", subAccount: "101" });
  });

  test("a chart that fills when the broker's candles have come, without being asked", async () => {
    const candle = (minute: number) => ({
      openTime: new Date(Date.UTC(2026, 10, 27, 8, minute)).toISOString(),
      ...{ open: "100.00", high: "104.00", low: "96.00", close: minute % 2 === 0 ? "103.00" : "97.00" },
    });
    answers["/candles/GARAN"] = { candles: [], history: "PENDING" };
    await signIn();
    await until(page.locator("#chart-history"), /being fetched/);
    answers["/candles/GARAN"] = {
      candles: Array.from({ length: 60 }, (_, minute) => candle(minute)),
      history: "FETCHED",
    };
    await page
      .locator("#chart-history")
      .filter({ hasText: /^$/ })
      .waitFor({ ...patience, state: "attached" });
    await page.waitForFunction(candleIsDrawn);
  });

  test("a login whose sub-account the broker has not listed yet, and offers a choice when it never will", async () => {
    const awaiting = { state: "AWAITING_SUB_ACCOUNT", subAccount: "", wantedSubAccount: "300" };
    answers["/status"] = { ...awaiting, subAccountProblem: null };
    await signIn();
    const wanted = page.locator("#sub-account-wanted");
    await until(wanted, /Sub-account 300 is being looked up/);
    expect(await page.locator("#broker").isVisible()).toBe(false);
    expect(await page.locator("#ticket").isVisible()).toBe(false);
    answers["/sub-accounts"] = { subAccounts: [{ number: "100" }] };
    answers["/status"] = { ...awaiting, subAccountProblem: "UNKNOWN_SUB_ACCOUNT" };
    await until(wanted, /300 is not one that the broker lists/);
    await page.locator("#sub-account button").waitFor(patience);
    answers["/status"] = { state: "LOGGED_IN", subAccount: "100" };
    await page.locator("#sub-account button").click();
    await page.locator("#ticket").waitFor(patience);
    expect(sent.at(-1)).toEqual({ path: "/trading/api/v1/broker/sub-account", body: { number: "100" } });
    expect(await wanted.textContent()).toBe("");
  });

  test("several sub-accounts to choose from", async () => {
    answers["/status"] = { state: "LOGGED_IN", subAccount: "101" };
    answers["/sub-accounts"] = { subAccounts: [{ number: "100" }, { number: "101" }] };
    await signIn();
    const choice = page.locator("#sub-account select");
    await choice.waitFor(patience);
    expect(await choice.inputValue()).toBe("101");
    await choice.selectOption("100");
    const [request] = await Promise.all([
      page.waitForRequest((asked) => asked.method() === "PUT"),
      page.locator("#sub-account button").click(),
    ]);
    expect(new URL(request.url()).pathname).toBe("/trading/api/v1/broker/sub-account");
    expect(request.postDataJSON()).toEqual({ number: "100" });
  });
});
