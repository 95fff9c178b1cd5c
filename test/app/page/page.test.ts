import { randomInt } from "node:crypto";
import type { Browser, Locator, Page } from "playwright-core";
import type { Application } from "../../../local/app/application";
import { goodPassword } from "../support/users";
import { startTestApplication } from "../support/application";
import { describeWithBrowser, launchBrowser } from "./browser";
import { candleIsDrawn } from "./candle-is-drawn";

const patience = { timeout: 90_000 };

/** Each test goes on where the one before ended, as somebody at the page does. */
describeWithBrowser("the page", () => {
  let application: Application | undefined;
  let browser: Browser | undefined;
  let address: string;
  let page: Page;
  const complaints: string[] = [];
  const email = `${randomInt(1_000_000_000)}@example.com`;
  const customer = randomInt(1_000_000_000, 9_999_999_999).toString();

  beforeAll(async () => {
    application = await startTestApplication();
    address = application.addresses.page;
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
    page.setDefaultTimeout(patience.timeout);
    page.on("console", (message) => {
      // Of `candleIsDrawn`, where it has to look at the chart more than once.
      if (message.text().includes("willReadFrequently")) return;
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(address);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await application?.stop();
  });

  const order = (status: string) => page.locator(`#order-rows tr[data-status="${status}"]`);
  const press = (form: string) => page.locator(`#${form} button[type=submit]`).click();
  const text = async (locator: Locator) => (await locator.textContent()) ?? "";
  const until = (locator: Locator, hasText: RegExp) => locator.filter({ hasText }).waitFor(patience);

  test("forbids every script, style and connection that is not its own", async () => {
    const response = await page.request.get(address);
    const policy = response.headers()["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    const violated = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
            resolve(effectiveDirective);
          });
          const script = document.createElement("script");
          document.head.append(script);
          script.append("globalThis.injected = true");
        }),
    );
    expect(violated).toMatch(/^(script-src|require-trusted-types)/);
    expect(await page.evaluate(() => "injected" in globalThis)).toBe(false);
    complaints.length = 0;
  });

  test("shows what a service refuses, in its own words", async () => {
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(goodPassword);
    await press("entry");
    await until(page.locator("#entry [role=alert]"), /\w/);
    // The browser notes the answer 401 by itself.
    expect(complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
    complaints.length = 0;
  });

  test("registers and signs in", async () => {
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByLabel("First name").fill("Ayşe");
    await page.getByLabel("Last name").fill("Yılmaz");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(goodPassword);
    await press("entry");
    await page.locator("#desk").waitFor(patience);
    expect(await text(page.locator("#user-email"))).toBe(email);
  });

  test("shows quotes that move", async () => {
    const rows = page.locator("#watch-rows");
    await until(rows, /GARAN\d/);
    const before = await text(rows);
    await page.waitForFunction((known) => document.getElementById("watch-rows")?.textContent !== known, before);
  });

  test("draws candles of the chosen symbol", async () => {
    await page.locator("#watch-rows").getByRole("button", { name: "THYAO" }).click();
    expect(await text(page.locator("#chart-symbol"))).toBe("THYAO");
    await until(page.locator("#chart-price"), /\d/);
    await page.waitForFunction(candleIsDrawn);
  });

  test("logs in at the broker with the code of the SMS", async () => {
    await page.getByLabel("Customer number").fill(customer);
    await page.getByLabel("Broker password").fill("a password");
    await press("broker");
    const hint = page.locator("#sms-hint");
    await until(hint, /\d{6}/);
    await page.getByLabel("Code of the SMS").fill(/\d{6}/.exec(await text(hint))?.[0] ?? "");
    await press("broker");
    await page.locator("#ticket").waitFor(patience);
  });

  test("places an order that fills, and shows the position", async () => {
    await page.getByLabel("Symbol", { exact: true }).fill("THYAO");
    await page.getByLabel("Type").selectOption("MARKET");
    await page.getByLabel("Shares").fill("1");
    await press("ticket");
    await order("FILLED").waitFor(patience);
    expect(await text(order("FILLED"))).toContain("THYAO");
    await until(page.locator('#position-rows tr[data-position="THYAO"]'), /THYAO1/);
  });

  test("says why an order is refused", async () => {
    await page.getByLabel("Type").selectOption("LIMIT");
    await page.getByLabel("Price, TRY").fill("100000.03");
    await press("ticket");
    await until(page.locator("#ticket [role=alert]"), /multiple/);
    expect(complaints.filter((complaint) => !complaint.includes("422"))).toEqual([]);
    complaints.length = 0;
  });

  test("cancels an order that is open", async () => {
    const price = Number((await text(page.locator("#chart-price"))).replaceAll(",", "").split(" ", 1)[0]);
    await page.getByLabel("Price, TRY").fill(Math.floor(price * 0.95).toFixed(2));
    await press("ticket");
    await order("ACCEPTED").waitFor(patience);
    await order("ACCEPTED")
      .getByRole("button", { name: /^Cancel the order of 1 THYAO/ })
      .click();
    await order("CANCELLED").waitFor(patience);
    expect(await page.locator("#order-rows button").count()).toBe(0);
  });

  test("can be worked by keyboard alone", async () => {
    const filter = page.getByLabel("Find a symbol");
    await filter.focus();
    await page.keyboard.type("tupr");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await until(page.locator("#chart-symbol"), /TUPRS/);
  });

  test("fits a narrow screen without scrolling sideways", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test("goes back to the entry when one signs out, with nothing in the browser's storage", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("#entry").waitFor(patience);
    expect(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length)).toBe(0);
  });

  test("shows the next one nothing that was typed before, and takes orders whatever was under way", async () => {
    const signIn = async (name: string) => {
      await page.getByLabel("E-mail address").fill(name);
      await page.getByLabel("Password", { exact: true }).fill(goodPassword);
      await press("entry");
      await page.locator("#desk").waitFor(patience);
    };
    const signOut = async () => {
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.locator("#entry").waitFor(patience);
    };
    const typed = (form: string) =>
      page
        .locator(`#${form} input:not([type=radio])`)
        .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByLabel("First name").fill("Ada");
    await page.getByLabel("Last name").fill("Lovelace");
    await signIn(`${randomInt(1_000_000_000)}@example.com`);
    await page.getByLabel("Customer number").fill(randomInt(1_000_000_000, 9_999_999_999).toString());
    await page.getByLabel("Broker password").fill("another password");
    await press("broker");
    await until(page.locator("#sms-hint"), /\d{6}/);
    await signOut();
    expect(await typed("broker")).toEqual(["", "", "", "", ""]);
    expect(await text(page.locator("#sms-hint"))).toBe("");

    await signIn(email);
    await page.locator("#ticket").waitFor(patience);
    // An order that is never answered.
    await page.route("**/trading/api/v1/orders", (route) =>
      route.request().method() === "POST" ? undefined : route.continue(),
    );
    const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/orders"));
    await press("ticket");
    await sent;
    await signOut();
    await page.unroute("**/trading/api/v1/orders");
    await signIn(email);
    await page.locator("#ticket").waitFor(patience);
    await page.getByLabel("Type").selectOption("MARKET");
    await page.getByLabel("Shares").fill("2");
    const filled = await order("FILLED").count();
    await press("ticket");
    await order("FILLED").nth(filled).waitFor(patience);
    await signOut();
    // The order that was held back went out in the end, by a token that is good no more.
    expect(complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
    complaints.length = 0;
  });

  test("has had nothing to complain about", () => {
    expect(complaints).toEqual([]);
  });
});
