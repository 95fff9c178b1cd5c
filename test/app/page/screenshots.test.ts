import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import type { Application } from "../../../local/app/application";
import { bist30 } from "../../../app/packages/bist/symbols";
import { projectRoot } from "../../../lib/paths";
import { environmentComment } from "../../../ops/pipeline/report/comment";
import { planned, recorded, report } from "../../ops/pipeline/plans";
import { startTestApplication } from "../support/application";
import { goodPassword } from "../support/users";
import { describeWithBrowser, launchBrowser } from "./browser";
import { commentPage } from "./comment-page";
import { fingerprint, Picture } from "./picture";

const patience = { timeout: 90_000 };
const kibibytes = 1024;

/** What the README shows is what there is. */
describeWithBrowser("the README's pictures", () => {
  let browser: Browser | undefined;
  let application: Application | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await application?.stop();
  });

  const newPage = async (width: number, height: number): Promise<Page> => {
    if (browser === undefined) throw new Error("the browser did not start");
    return browser.newPage({ viewport: { width, height }, colorScheme: "light", locale: "en-GB" });
  };

  test("show the trader's page", async () => {
    application = await startTestApplication();
    const page = await newPage(1280, 800);
    page.setDefaultTimeout(patience.timeout);
    await openDesk(page, application.addresses.page);
    await trade(page).catch(async (error: unknown) => {
      throw new Error(`the page shows:\n${await page.locator("body").ariaSnapshot()}`, { cause: error });
    });

    const style = fingerprint(readFileSync(join(projectRoot, "app/web/style.css")));
    const content = withoutFigures(await page.locator("body").ariaSnapshot());
    const picture = new Picture("trading-page.txt");
    await picture.expectSame(
      (image) => `picture: ${image}\nstyle.css: ${style}\n\n${content}\n`,
      () => page.screenshot({ animations: "disabled", caret: "hide" }),
    );
    expect(picture.size).toMatchObject({ width: 1280, height: 800 });
    expect(picture.size.bytes).toBeLessThan(150 * kibibytes);
    await page.close();
  }, 300_000);

  test("show a plan as a comment", async () => {
    const markdown = environmentComment(
      report(
        planned("production-network", recorded("network")),
        planned("production-data", recorded("data")),
        planned("production-edge", { format_version: "1.2", terraform_version: "1.11.4" }),
      ),
      { link: "[artifact plans-production](https://github.com/OWNER/REPOSITORY/actions/runs/1#artifacts)" },
    );
    const page = await newPage(1000, 760);
    const html = commentPage(markdown);
    await page.setContent(html);
    await page.getByRole("heading", { name: "Plan of production" }).waitFor(patience);

    const picture = new Picture("plan-comment.md");
    await picture.expectSame(
      (image) => `<!-- picture: ${image}, page: ${fingerprint(html)} -->\n${markdown}`,
      () => page.screenshot(),
    );
    expect(picture.size).toMatchObject({ width: 1000, height: 760 });
    expect(picture.size.bytes).toBeLessThan(150 * kibibytes);
  }, 60_000);
});

/**
 * Registers, and logs in at the broker. What depends on the hour is given: the exchange's phase, an hour of candles, and
 * the symbols, of which some are listed once they have been traded.
 */
async function openDesk(page: Page, address: string): Promise<void> {
  await page.route("**/market-data/session", (route) => route.fulfill({ json: { phase: "CONTINUOUS_TRADING" } }));
  await page.route("**/api/v1/symbols", async (route) => {
    const symbols = (await (await route.fetch()).json()) as readonly { readonly symbol: string }[];
    await route.fulfill({ json: symbols.filter(({ symbol }) => bist30.includes(symbol)) });
  });
  await page.route("**/market-data/candles/*", async (route) => {
    const { candles } = (await (await route.fetch()).json()) as { candles: readonly Candle[] };
    await route.fulfill({ json: { candles: withHistory(candles) } });
  });
  await page.goto(address);
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByLabel("First name").fill("Ada");
  await page.getByLabel("Last name").fill("Lovelace");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill(goodPassword);
  await press(page, "entry");
  await page.getByLabel("Customer number").fill("10000000001");
  await page.getByLabel("Broker password").fill("a password");
  await press(page, "broker");
  const hint = page.locator("#sms-hint");
  await until(hint, /\d{6}/);
  await page.getByLabel("Code of the SMS").fill(/\d{6}/.exec((await hint.textContent()) ?? "")?.[0] ?? "");
  await press(page, "broker");
  await page.locator("#ticket").waitFor(patience);
}

/** Two orders that fill, one that is cancelled, one that stays open. */
async function trade(page: Page): Promise<void> {
  const orders = (symbol: string, status: string) =>
    page.locator(`#order-rows tr[data-status="${status}"]`).filter({ hasText: symbol });
  const choose = async (symbol: string) => {
    await page.locator("#watch-rows").getByRole("button", { name: symbol }).click();
    await until(page.locator("#chart-symbol"), new RegExp(symbol));
    await until(page.locator("#chart-price"), /\d/);
  };
  const place = async (side: "Buy" | "Sell", shares: number, type: "MARKET" | "LIMIT") => {
    await page.locator("#ticket label").getByText(side, { exact: true }).click();
    await page.getByLabel("Type").selectOption(type);
    await page.getByLabel("Shares").fill(String(shares));
    if (type === "LIMIT") {
      const last = Number.parseFloat(((await page.locator("#chart-price").textContent()) ?? "").replaceAll(",", ""));
      // So far from the last price that nobody meets it, and a multiple of every tick size.
      const limit = side === "Buy" ? Math.floor(last * 0.97) : Math.ceil(last * 1.03);
      await page.getByLabel("Price, TRY").fill(limit.toFixed(2));
    }
    await press(page, "ticket");
  };

  await choose("THYAO");
  await place("Buy", 100, "MARKET");
  await orders("THYAO", "FILLED").waitFor(patience);
  await place("Sell", 50, "LIMIT");
  await orders("THYAO", "ACCEPTED").getByRole("button").click();
  await orders("THYAO", "CANCELLED").waitFor(patience);
  await choose("GARAN");
  await place("Buy", 120, "MARKET");
  await orders("GARAN", "FILLED").waitFor(patience);
  await place("Buy", 80, "LIMIT");
  await orders("GARAN", "ACCEPTED").waitFor(patience);
  for (const symbol of ["GARAN", "THYAO"]) {
    await page.locator(`#position-rows tr[data-position="${symbol}"]`).waitFor(patience);
  }
  await page.waitForFunction(everySymbolIsQuoted);
  await page.locator(".watch .scroll").evaluate((list) => {
    list.scrollTop = 0;
  });
}

/** Runs in the page. */
const everySymbolIsQuoted = () =>
  [...document.querySelectorAll("#watch-rows tr")].every((row) => /\d%/.test(row.textContent));

interface Candle {
  readonly openTime: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
}

const minuteMs = 60_000;
const minutesOfHistory = 90;

/** An hour and a half before the first candle, since the simulated market has only just opened. */
function withHistory(candles: readonly Candle[]): readonly Candle[] {
  const [first] = candles;
  if (first === undefined) return candles;
  const random = seeded(7);
  const earlier: Candle[] = [];
  let close = Number(first.open);
  for (let minute = 1; minute <= minutesOfHistory; minute++) {
    const open = close * (1 + (random() - 0.52) * 0.004);
    const wick = () => random() * close * 0.0012;
    earlier.unshift({
      openTime: new Date(Date.parse(first.openTime) - minute * minuteMs).toISOString(),
      open: open.toFixed(2),
      high: (Math.max(open, close) + wick()).toFixed(2),
      low: (Math.min(open, close) - wick()).toFixed(2),
      close: close.toFixed(2),
    });
    close = open;
  }
  return [...earlier, ...candles];
}

/** Numbers in [0, 1), the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Prices and times move; what they stand in does not. Numbers alone are quoted by the description, others are not. */
const withoutFigures = (description: string) =>
  description.replaceAll(/(?<![\w=])[-+]?\d[\d,.:]*(?!\w)/g, "#").replaceAll(/: "([#% ]+)"$/gm, ": $1");

const press = (page: Page, form: string) => page.locator(`#${form} button[type=submit]`).click();
const until = (locator: Locator, hasText: RegExp) => locator.filter({ hasText }).waitFor(patience);
