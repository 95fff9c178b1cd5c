import { randomBytes, randomUUID } from "node:crypto";
import { actuator } from "../../../app/packages/contract/services";
import { startTestApplication } from "../support/application";
import { eventually } from "../support/broker";
import { closeAfterTests } from "../support/left-over";
import { createTestDatabase, testServer } from "../support/postgres";
import { SlowLink } from "../support/slow-link";

jest.setTimeout(300_000);

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function call(method: string, url: string, headers: Record<string, string> = {}, body?: object): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

interface Ask {
  readonly askedAt: number;
  readonly endedAt: number;
  readonly answered: boolean;
}

const promptMs = 1_000;
const isPrompt = ({ askedAt, endedAt, answered }: Ask) => answered && endedAt - askedAt < promptMs;

/**
 * Asks twice a second, whether or not an answer came to what was asked before, until ten in a row were answered promptly
 * and none waits any more. @returns every ask
 */
async function asksUntilPrompt(url: string, headers: Record<string, string>): Promise<readonly Ask[]> {
  const asks: Ask[] = [];
  let waiting = 0;
  const asking = setInterval(() => {
    const askedAt = performance.now();
    waiting++;
    const ended = (answered: boolean) => {
      waiting--;
      asks.push({ askedAt, endedAt: performance.now(), answered });
    };
    call("GET", url, headers).then(
      ({ status }) => {
        ended(status === 200);
      },
      () => {
        ended(false);
      },
    );
  }, 500);
  await eventually(
    () => waiting <= 1 && asks.length >= 10 && asks.slice(-10).every(isPrompt),
    (isSteady) => isSteady,
    120_000,
  );
  clearInterval(asking);
  return asks;
}

test("the assembled services answer again after the database's host vanished, and lost no order", async () => {
  const server = testServer();
  const name = `bist_vanishes_${process.pid}_${randomBytes(4).toString("hex")}`;
  const administration = await createTestDatabase();
  await administration.query(`CREATE DATABASE ${name}`);
  closeAfterTests(() => administration.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  const link = await SlowLink.start(server);
  closeAfterTests(() => link.close());
  const owner = `${server.username}:${encodeURIComponent(server.password)}`;
  const application = await startTestApplication({
    DATABASE_URL: `postgresql://${owner}@127.0.0.1:${link.port}/${name}`,
  });
  closeAfterTests(() => application.stop());

  const { page, userManagement, marketData, brokerIntegration } = application.addresses;
  const person = { email: "ayse@example.com", password: "a long enough pass phrase", firstName: "A", lastName: "B" };
  await call("POST", `${userManagement}/api/v1/auth/register`, {}, person);
  const { body: tokens } = await call(
    "POST",
    `${userManagement}/api/v1/auth/login`,
    {},
    {
      email: person.email,
      password: person.password,
    },
  );
  const headers = { authorization: `Bearer ${(tokens as { accessToken: string }).accessToken}` };
  const customer = { username: "10000000001", password: "a password" };
  await call("POST", `${brokerIntegration}/api/v1/broker/auth/login`, headers, customer);
  const { body: sms } = await call("GET", `${page}/simulator/sms/${customer.username}`);
  await call("POST", `${brokerIntegration}/api/v1/broker/auth/verify-otp`, headers, {
    code: (sms as { code: string }).code,
  });
  const place = (key: string) =>
    call(
      "POST",
      `${brokerIntegration}/api/v1/orders`,
      { ...headers, "idempotency-key": key },
      {
        symbol: "GARAN",
        side: "BUY",
        type: "MARKET",
        quantity: "1",
      },
    );
  const [before, during] = [randomUUID(), randomUUID()];
  expect(await place(before)).toMatchObject({ status: 202 });

  const inFlight = place(during);
  link.vanish();
  const vanishedAt = performance.now();
  // By then, connections to the host that is gone are being made as well.
  setTimeout(() => {
    link.moveTo();
  }, 3_000);
  const addresses = {
    "user-management": `${userManagement}${actuator.readiness}`,
    "market-data": `${marketData}${actuator.readiness}`,
    "broker-integration": `${brokerIntegration}/api/v1/orders`,
  };
  const back = await Promise.all(
    Object.entries(addresses).map(async ([service, url]) => {
      const asks = await asksUntilPrompt(url, headers);
      const seconds = (at: number) => ((at - vanishedAt) / 1_000).toFixed(1);
      const first = Math.min(...asks.filter(({ answered }) => answered).map(({ endedAt }) => endedAt));
      const last = Math.max(vanishedAt, ...asks.filter((ask) => !isPrompt(ask)).map(({ endedAt }) => endedAt));
      return `${service} ${seconds(first)} s, every one prompt after ${seconds(last)} s`;
    }),
  );
  process.stdout.write(`without answers after the database's host vanished: ${back.join("; ")}\n`);

  expect([202, 503]).toContain((await inFlight).status);
  await eventually(
    () => place(during),
    ({ status }) => status === 202,
    60_000,
    500,
  );
  await eventually(
    async () => (await call("GET", `${brokerIntegration}/api/v1/orders`, headers)).body,
    (body) => {
      const { orders } = body as { orders: { clientOrderId: string; status: string }[] };
      return (
        orders.length === 2 &&
        [before, during].every((key) =>
          orders.some(({ clientOrderId, status }) => clientOrderId === key && status === "FILLED"),
        )
      );
    },
    120_000,
    500,
  );
});
