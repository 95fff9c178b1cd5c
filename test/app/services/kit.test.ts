import { Type } from "typebox";
import { services } from "../../../app/packages/contract/services";
import { principalOf } from "../../../app/packages/kit/auth/access";
import { Body } from "../../../app/packages/kit/http/schema";
import type { Kit } from "../../../app/packages/kit/service";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { at, startTestService, testServiceConfig } from "../support/service";
import type { TestService } from "../support/service";
import { testToken } from "../support/tokens";

const routes = ({ app }: Kit) => {
  app.get("/api/v1/open", { config: { access: "public" } }, () => ({ open: true }));
  app.get("/api/v1/me", { config: { access: "authenticated" } }, (request) => ({
    userId: principalOf(request).userId,
  }));
  app.post(
    "/api/v1/orders",
    { config: { access: "trading:place" }, schema: { body: Body({ lots: Type.Integer({ minimum: 1 }) }) } },
    ({ body }) => ({ lots: body.lots }),
  );
  app.get("/api/v1/broken", { config: { access: "public" } }, () => {
    throw new Error("connection string with a secret");
  });
};

let database: TestDatabase;
let service: TestService;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startTestService(services.userManagement, testServiceConfig(database), routes);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

describe("a service made of the kit", () => {
  test("takes its paths with and without its prefix", async () => {
    for (const path of ["/api/v1/open", "/user/api/v1/open", "/user/api/v1/open?x=1"])
      expect((await service.call("GET", path)).body).toEqual({ open: true });
    expect((await service.call("GET", "/users/api/v1/open")).status).toBe(404);
  });

  test("answers errors as problem details with a stable code and the correlation id", async () => {
    const answer = await service.call("GET", "/api/v1/nowhere?secret=1", { headers: { "x-correlation-id": "abc-1" } });
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toMatch("application/problem+json");
    expect(answer.headers.get("x-correlation-id")).toBe("abc-1");
    expect(answer.body).toEqual({
      type: "urn:bist-trading:problem:route-not-found",
      title: "Not Found",
      status: 404,
      code: "ROUTE_NOT_FOUND",
      detail: "there is no GET /api/v1/nowhere",
      instance: "/api/v1/nowhere",
      correlationId: "abc-1",
    });
  });

  test("says nothing of an unexpected error to the caller, and everything to the log", async () => {
    const answer = await service.call("GET", "/api/v1/broken", { headers: { "x-correlation-id": "abc-2" } });
    expect(answer.body).toMatchObject({ status: 500, code: "INTERNAL_ERROR" });
    expect(answer.text).not.toContain("connection string");
    expect(service.logged).toContainEqual(
      expect.objectContaining({
        level: "error",
        correlationId: "abc-2",
        err: expect.objectContaining({ message: "connection string with a secret" }) as unknown,
      }),
    );
  });

  test("logs each request in one line, whatever the token says the user is called", async () => {
    const userId = 'eve","level":"fatal';
    const token = await testToken({ userId });
    await service.call("GET", "/api/v1/me?x=1", { token, headers: { "x-correlation-id": "abc-3" } });
    expect(service.logged.filter(({ correlationId }) => correlationId === "abc-3")).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        service: "user-management",
        correlationId: "abc-3",
        method: "GET",
        route: "/api/v1/me",
        status: "200",
        durationMs: expect.any(Number) as number,
        userId,
        msg: "request",
      },
    ]);
  });

  test("refuses who is not signed in, and who lacks the authority", async () => {
    expect((await service.call("GET", "/api/v1/me")).body).toMatchObject({
      status: 401,
      code: "AUTHENTICATION_REQUIRED",
    });
    const token = await testToken({ authorities: ["market:read"] });
    expect((await service.call("POST", "/api/v1/orders", { token, body: { lots: 1 } })).body).toMatchObject({
      status: 403,
      code: "MISSING_AUTHORITY",
    });
    const trader = await testToken({ authorities: ["trading:place"] });
    expect((await service.call("POST", "/api/v1/orders", { token: trader, body: { lots: 2 } })).body).toEqual({
      lots: 2,
    });
  });

  test.each(["/api/v1/open", "/api/v1/me", "/api/v1/nowhere"])(
    "has no route for OPTIONS %s, preflights aside",
    async (path) => {
      const { status, body } = await service.call("OPTIONS", path);
      expect([status, body]).toMatchObject([404, { code: "ROUTE_NOT_FOUND" }]);
      const headers = { origin: "https://elsewhere.example", "access-control-request-method": "GET" };
      expect((await service.call("OPTIONS", path, { headers })).status).toBe(204);
    },
  );

  test("names every problem of a request body", async () => {
    const token = await testToken();
    const { body } = await service.call("POST", "/api/v1/orders", { token, body: { lots: "2", admin: true } });
    expect(body).toMatchObject({ status: 400, code: "INVALID_REQUEST" });
    expect(at(body, "problems")).toEqual([
      { path: "body", message: "has unknown members: admin" },
      { path: "body/lots", message: "must be integer" },
    ]);
  });

  test("does not start with a route that does not say who may call it", async () => {
    const config = testServiceConfig(database);
    await expect(
      startTestService(services.userManagement, config, ({ app }) => void app.get("/forgotten", () => "x")),
    ).rejects.toThrow(/route GET \/forgotten does not say who may call it/);
  });

  test("reports health and metrics, to nobody that comes through a proxy", async () => {
    expect((await service.call("GET", "/actuator/health/liveness")).body).toEqual({ status: "UP" });
    expect((await service.call("GET", "/actuator/health/readiness")).body).toEqual({
      status: "UP",
      components: { database: { status: "UP", required: true } },
    });
    await service.call("GET", "/api/v1/open");
    const { text } = await service.call("GET", "/actuator/prometheus");
    expect(text).toMatch(
      /http_requests_total\{method="GET",route="\/api\/v1\/open",status="200",service="user-management"\} \d/,
    );
    expect(text).toContain('database_pool_connections_max{database="core",service="user-management"} 5');
    const proxied = { headers: { "x-forwarded-for": "203.0.113.7" } };
    expect((await service.call("GET", "/actuator/prometheus", proxied)).status).toBe(404);
  });

  test("finishes the requests that run before it ends, and waits for no idle connection after them", async () => {
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    let begun: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (begun = resolve));
    const ending = await startTestService(services.userManagement, testServiceConfig(database), ({ app }) => {
      app.get("/slow", { config: { access: "public" } }, async () => {
        begun();
        await finished;
        return { slow: true };
      });
    });
    // The connection has answered before: it is one that is kept.
    await ending.call("GET", "/openapi.json");
    const answer = ending.call("GET", "/slow");
    await running;
    const stopped = ending.stop();
    await new Promise((resolve) => setTimeout(resolve, 200));
    finish();
    expect((await answer).body).toEqual({ slow: true });
    await stopped;
    await expect(ending.call("GET", "/slow")).rejects.toThrow();
    // Far from the 72 s for which an idle connection is kept.
  });

  test("describes itself", async () => {
    const { body } = await service.call("GET", "/openapi.json");
    expect(at(body, "paths", "/api/v1/orders", "post", "security")).toEqual([{ bearer: [] }]);
    expect(at(body, "paths", "/api/v1/open", "get", "security")).toBeUndefined();
    expect((await service.call("GET", "/docs")).status).toBe(200);
  });

  test("stops accepting a session's tokens as soon as the database says that it ended", async () => {
    const userId = "11111111-2222-4333-8444-555555555555";
    const sessionId = "99999999-2222-4333-8444-555555555555";
    await database.query("INSERT INTO users (user_id, email, first_name, last_name) VALUES ($1, 'a@b.c', 'A', 'B')", [
      userId,
    ]);
    await database.query("INSERT INTO user_sessions (session_id, user_id, expires_at) VALUES ($1, $2, now())", [
      sessionId,
      userId,
    ]);
    const token = await testToken({ userId, sessionId });
    expect((await service.call("GET", "/api/v1/me", { token })).body).toEqual({ userId });
    await database.query("UPDATE user_sessions SET ended_at = now(), end_reason = 'LOGOUT' WHERE session_id = $1", [
      sessionId,
    ]);
    let answer = await service.call("GET", "/api/v1/me", { token });
    for (let attempt = 0; answer.status === 200 && attempt < 100; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      answer = await service.call("GET", "/api/v1/me", { token });
    }
    expect(answer.body).toMatchObject({ status: 401, code: "SESSION_ENDED" });
  });
});
