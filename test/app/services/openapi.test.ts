import { bodyLimitBytes } from "../../../app/packages/kit/http/server";
import { services } from "../../../app/packages/contract/services";
import { buildBrokerIntegration } from "../../../app/services/broker-integration/service";
import { testApiKey } from "../../../app/packages/simulator/test-key";
import { testSessionSecret, testTradingConfig } from "../support/broker";
import type { OpenApiDocument } from "../support/documented-answers";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { startTestService, testServiceConfig } from "../support/service";
import type { TestService } from "../support/service";
import { testToken } from "../support/tokens";
import { startUserManagement } from "../support/users";
import { startReplica } from "./market-data/market-data";

/** Every answer to `call` is held to the service's document; these requests reach what each route has in common. */
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const startTrading = (rateLimits: boolean) => {
  const config = testServiceConfig(database);
  const broker = { baseUrl: "http://127.0.0.1:9", apiKey: testApiKey, sessionSecret: testSessionSecret };
  const all = { ...config, http: { ...config.http, rateLimits }, broker, trading: testTradingConfig };
  return startTestService(services.brokerIntegration, all, (kit) => buildBrokerIntegration(kit, all));
};
const starts = {
  "user-management": () => startUserManagement(database),
  "market-data": () => startReplica(database, () => Promise.resolve(undefined)),
  "broker-integration": () => startTrading(false),
};

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiDocument["paths"][string][string];
}

async function routesOf(service: TestService): Promise<Route[]> {
  const { body } = await service.call("GET", "/openapi.json");
  return Object.entries((body as OpenApiDocument).paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, "00000000-0000-0000-0000-000000000000"),
      operation,
    })),
  );
}

describe.each(Object.entries(starts))("%s", (name, start) => {
  let service: TestService;
  let routes: Route[];
  beforeAll(async () => {
    service = await start();
    routes = await routesOf(service);
  });
  afterAll(() => service.stop());
  const closed = () => routes.filter(({ operation }) => operation.security !== undefined);
  /** User-management issues its own tokens. */
  const ofTestIssuer = name !== "user-management";

  test("refuses who has not signed in, and says how", async () => {
    for (const { method, path } of closed()) {
      const answer = await service.call(method, path);
      expect(answer).toMatchObject({ status: 401, body: { code: "AUTHENTICATION_REQUIRED" } });
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      expect(await service.call(method, path, { token: "no.token.atall" })).toMatchObject({ status: 401 });
    }
  });

  test("refuses a token without the authority wherever the document says so, and nowhere else", async () => {
    const token = await testToken({ authorities: [] });
    for (const { method, path, operation } of closed().filter(() => ofTestIssuer)) {
      const { status } = await service.call(method, path, { token });
      expect({ method, path, refused: status === 403 }).toEqual({
        method,
        path,
        refused: "403" in operation.responses,
      });
    }
  });

  test("answers a body that is too large, of another type or no JSON as problem details", async () => {
    const token = await testToken();
    const bodies = [
      ["[", {}, 400],
      [" ".repeat(bodyLimitBytes + 1), {}, 413],
      ["<order/>", { "content-type": "application/xml" }, 415],
    ] as const;
    const changing = routes.filter(
      ({ operation }) => operation.requestBody !== undefined && (ofTestIssuer || operation.security === undefined),
    );
    for (const { method, path } of changing) {
      for (const [body, headers, status] of bodies) {
        expect(await service.call(method, path, { token, body, headers })).toMatchObject({ status });
      }
    }
  });

  test("does not understand a request without what the document requires", async () => {
    const token = await testToken();
    const named = routes.flatMap(({ operation: { parameters = [] }, ...route }) =>
      parameters.filter(({ required, in: place }) => required === true && place !== "path").map(() => route),
    );
    for (const { method, path } of named.filter(() => ofTestIssuer)) {
      expect(await service.call(method, path, { token, ...(method === "GET" ? {} : { body: {} }) })).toMatchObject({
        status: 400,
      });
    }
  });
});

test("placing an order needs an Idempotency-Key in the document as in fact", async () => {
  const service = await startTrading(false);
  const placing = (await routesOf(service)).find(({ method, path }) => method === "POST" && path === "/api/v1/orders");
  expect(placing?.operation.parameters).toEqual([
    expect.objectContaining({ in: "header", name: "idempotency-key", required: true }),
  ]);
  const [token, body] = [await testToken(), { symbol: "GARAN", side: "BUY", type: "MARKET", quantity: "1" }];
  for (const headers of [undefined, { "idempotency-key": "" }]) {
    expect(await service.call("POST", "/api/v1/orders", { token, body, ...(headers && { headers }) })).toMatchObject({
      status: 400,
      body: { code: "IDEMPOTENCY_KEY_REQUIRED" },
    });
  }
  const headers = { "idempotency-key": "k".repeat(256) };
  expect(await service.call("POST", "/api/v1/orders", { token, body, headers })).toMatchObject({
    status: 400,
    body: { code: "INVALID_REQUEST" },
  });
  await service.stop();
});

test("too many requests are told when to come again", async () => {
  const service = await startTrading(true);
  const token = await testToken();
  let answer = await service.call("GET", "/api/v1/orders", { token });
  while (answer.status === 200) answer = await service.call("GET", "/api/v1/orders", { token });
  expect(answer).toMatchObject({ status: 429, body: { code: "RATE_LIMIT_EXCEEDED" } });
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  await service.stop();
});

test("what fails inside is answered as problem details that say nothing of it", async () => {
  const service = await startTrading(false);
  const token = await testToken();
  await database.query("ALTER TABLE orders RENAME TO orders_away");
  const { status, text } = await service.call("GET", "/api/v1/orders", { token });
  await database.query("ALTER TABLE orders_away RENAME TO orders");
  expect(status).toBe(500);
  expect(text).not.toMatch(/does not exist|42P01/);
  await service.stop();
});
