import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../app/packages/embedded/free-port";
import { testApiKey } from "../../../app/packages/simulator/test-key";
import type { Application } from "../../../local/app/application";
import { projectRoot } from "../../../lib/paths";
import { startTestApplication } from "../support/application";
import { eventually } from "../support/broker";
import { closeAfterTests } from "../support/left-over";
import { goodPassword } from "../support/users";

jest.setTimeout(300_000);

/** Somebody else's broker: a process of its own, of which nothing is known but its address, its key and its SMS. */
class ForeignBroker {
  private process: ChildProcess | undefined;
  private lines = "";

  constructor(readonly port: number) {}

  async start(): Promise<void> {
    const script = ["tools/run.mjs", "app/packages/simulator/main.ts"];
    const own = { ALGOLAB_API_KEY: testApiKey, SIMULATOR_PORT: String(this.port), SIMULATOR_RATE_INTERVAL_MS: "0" };
    const child = spawn(process.execPath, script, {
      cwd: projectRoot,
      env: { ...process.env, ...own },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.process = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.lines += text));
    const ended = new Promise((resolve) => child.once("close", resolve));
    closeAfterTests(async () => {
      child.kill();
      await ended;
    });
    await eventually(
      () => this.lines,
      (lines) => lines.includes("AlgoLab simulator at"),
      60_000,
    );
  }

  get runs(): boolean {
    return this.process?.exitCode === null;
  }

  /** The code of the last SMS to a customer, read as somebody reads it from a telephone. */
  async code(customer: string): Promise<string> {
    const found = () =>
      this.lines.split("\n").findLast((line) => line.startsWith("SMS ") && line.includes(customer.slice(-2)));
    const sms = await eventually(found, (line) => line !== undefined);
    return /(\d+)$/.exec(sms ?? "")?.[1] ?? "";
  }
}

/** Each test goes on where the one before ended. */
describe("npm run app with ALGOLAB_API_URL", () => {
  let application: (Application & { readonly folder: string }) | undefined;
  let broker: ForeignBroker;
  const customers = {
    trader: `${randomInt(10_000_000, 99_999_999)}01`,
    operator: `${randomInt(10_000_000, 99_999_999)}02`,
  };

  beforeAll(async () => {
    broker = new ForeignBroker(await freePort());
    application = await startTestApplication({
      ALGOLAB_API_URL: `http://127.0.0.1:${broker.port}`,
      ALGOLAB_API_KEY: testApiKey,
      ALGOLAB_REQUEST_INTERVAL_MS: "20",
      TRADING_HOURS: "always",
    });
  });
  afterAll(() => application?.stop());

  const running = () => application ?? fail();
  const fail = (): never => {
    throw new Error("the application is not up");
  };
  async function call(method: string, path: string, token?: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(running().addresses.page + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        "idempotency-key": randomUUID(),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }
  const signIn = async (email: string, password: string) => {
    const { accessToken } = await call("POST", "/user/api/v1/auth/login", undefined, { email, password });
    return String(accessToken);
  };
  async function logIn(token: string, customer: string, feedsMarketData: boolean): Promise<unknown> {
    const auth = "/trading/api/v1/broker/auth";
    await call("POST", `${auth}/login`, token, { username: customer, password: "a password", feedsMarketData });
    const { state } = await call("POST", `${auth}/verify-otp`, token, { code: await broker.code(customer) });
    return state;
  }

  test("comes up while that broker is away, starts no simulator, and says both", async () => {
    const { brokerLines, folder } = running();
    const said = brokerLines.join("\n");
    expect(said).toContain(`http://127.0.0.1:${broker.port}; no simulator runs`);
    expect(said).toMatch(/cannot be reached now \(.*ECONNREFUSED/);
    expect(said).toContain("operator@bist-trading.local");
    expect(readdirSync(join(folder, "logs"))).not.toContain("simulator.log");
    // Nothing of it is mixed with what the simulated broker's users hold.
    expect(existsSync(join(folder, "brokers", `127.0.0.1-${broker.port}`, "postgres", "PG_VERSION"))).toBe(true);
    expect(existsSync(join(folder, "postgres"))).toBe(false);
    expect((await fetch(`${running().addresses.page}/simulator/sms/1`)).status).toBe(404);
  });

  test("trades with it once it is there, by a code from its SMS", async () => {
    const person = {
      email: `${randomUUID()}@example.com`,
      password: goodPassword,
      firstName: "Ada",
      lastName: "Lovelace",
    };
    await call("POST", "/user/api/v1/auth/register", undefined, person);
    const token = await signIn(person.email, person.password);
    const login = { username: customers.trader, password: "a password" };
    await expect(call("POST", "/trading/api/v1/broker/auth/login", token, login)).rejects.toThrow("BROKER_UNAVAILABLE");

    await broker.start();
    expect(await logIn(token, customers.trader, false)).toBe("LOGGED_IN");
    const order = { symbol: "GARAN", side: "BUY", type: "MARKET", quantity: "1" };
    const { orderId } = await call("POST", "/trading/api/v1/orders", token, order);
    await eventually(
      () => call("GET", `/trading/api/v1/orders/${String(orderId)}`, token),
      (found) => (found as { order: { status: string } }).order.status === "FILLED",
      60_000,
      // Fewer looks than the route's limit in a minute.
      1_500,
    );
  });

  test("has prices once the operator has logged in at it by hand", async () => {
    const secrets = JSON.parse(readFileSync(join(running().folder, "secrets.json"), "utf8")) as Record<string, string>;
    const token = await signIn("operator@bist-trading.local", secrets["operatorPassword"] ?? "");
    expect(await logIn(token, customers.operator, true)).toBe("LOGGED_IN");
    const quote = await eventually(
      () => call("GET", "/market/api/v1/market-data/quotes/GARAN", token).catch(() => undefined),
      (found) => found !== undefined,
      60_000,
    );
    expect(quote).toMatchObject({ symbol: "GARAN", price: expect.stringMatching(/^\d/) as string });
    expect(broker.runs).toBe(true);
  });
});
