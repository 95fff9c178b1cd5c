import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { testApiKey } from "../../../app/packages/simulator/test-key";
import { operatorEmail } from "../../../local/app/operator";
import { startTestApplication } from "../support/application";
import { startTestSimulator } from "../support/broker";
import { closeAfterTests } from "../support/left-over";
import { describeWithBrowser, launchBrowser } from "./browser";

const patience = { timeout: 90_000 };

describeWithBrowser("the page before another broker", () => {
  test("has prices once the operator has logged in at it with the code of an SMS", async () => {
    const broker = await startTestSimulator({ tradesPerSecond: 200 });
    const application = await startTestApplication({
      ALGOLAB_API_URL: broker.url,
      ALGOLAB_API_KEY: testApiKey,
      ALGOLAB_REQUEST_INTERVAL_MS: "0",
    });
    closeAfterTests(() => application.stop());
    const browser: Browser = await launchBrowser();
    closeAfterTests(() => browser.close());
    const page = await browser.newPage();
    page.setDefaultTimeout(patience.timeout);
    const secrets = JSON.parse(readFileSync(join(application.folder, "secrets.json"), "utf8")) as Record<
      string,
      string
    >;

    await page.goto(application.addresses.page);
    await page.getByLabel("E-mail address").fill(operatorEmail);
    await page.getByLabel("Password", { exact: true }).fill(secrets["operatorPassword"] ?? "");
    await page.locator("#entry button[type=submit]").click();
    await page.getByLabel("Customer number").fill("10000000078");
    await page.getByLabel("Broker password").fill("a password");
    await page.locator("#broker button[type=submit]").click();
    const code = page.getByLabel("Code of the SMS");
    await code.waitFor(patience);
    await code.fill(broker.smsCode("10000000078") ?? "");
    await page.locator("#broker button[type=submit]").click();
    await page.locator("#ticket").waitFor(patience);
    await page.locator("#watch-rows", { hasText: /GARAN\d/ }).waitFor(patience);
  }, 300_000);
});
