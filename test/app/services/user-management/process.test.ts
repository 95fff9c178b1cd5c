import { randomBytes } from "node:crypto";
import { databaseVariables } from "../../../../app/packages/contract/database";
import { createTestDatabase } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";
import { startProcess, written } from "../../support/process";
import type { AppProcess } from "../../support/process";
import { at, request } from "../../support/service";

let database: TestDatabase;
const secret = randomBytes(32).toString("base64");
const environment = (more: Record<string, string> = {}) => ({
  HOST: "127.0.0.1",
  PORT: "0",
  ...databaseVariables(database.config),
  DB_POOL_MIN: "0",
  DRAIN_DELAY_MS: "300",
  JWT_SECRET: secret,
  DATA_ENCRYPTION_KEYS: `1:${secret}`,
  DATA_LOOKUP_SECRET: secret,
  ...more,
});
const urlOf = async (service: AppProcess) => (await written(service, /"url":"([^"]+)"/))[1] ?? "";

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

describe("user-management as a process", () => {
  test("starts, serves its keys, and drains on SIGTERM: not ready first, then the requests that run, then 0", async () => {
    const service = startProcess("user-management", environment());
    const url = await urlOf(service);
    const keys = await request(url, "GET", "/.well-known/jwks.json");
    expect(at(keys.body, "keys", 0)).toMatchObject({ kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" });

    const running = request(url, "POST", "/api/v1/auth/login", { body: { email: "a@b.co", password: "x" } });
    service.child.kill("SIGTERM");
    await written(service, /"msg":"draining"/);
    expect((await request(url, "GET", "/actuator/health/readiness")).status).toBe(503);
    expect((await running).status).toBe(401);
    expect(await service.ended).toBe(0);
    expect(service.output.stderr).toBe("");
    for (const line of service.output.stdout.trim().split("\n"))
      expect(JSON.parse(line)).toMatchObject({ service: "user-management", level: "info" });
  });

  test("has the same keys on every replica", async () => {
    const replicas = [startProcess("user-management", environment()), startProcess("user-management", environment())];
    const ids = await Promise.all(
      replicas.map(async (replica) =>
        at((await request(await urlOf(replica), "GET", "/.well-known/jwks.json")).body, "keys", 0, "kid"),
      ),
    );
    expect(ids[0]).toBe(ids[1]);
    for (const { child } of replicas) child.kill("SIGTERM");
    expect(await Promise.all(replicas.map(({ ended }) => ended))).toEqual([0, 0]);
  });

  test("does not start without its configuration, and says all that is missing", async () => {
    const service = startProcess("user-management", { PATH: "" });
    expect(await service.ended).toBe(1);
    expect(service.output.stderr).toMatch(
      /user-management: the configuration is not usable, 5 problems:[\s\S]*DB_HOST[\s\S]*DATA_LOOKUP_SECRET/,
    );
  });

  test("is alive but not ready while the database is away, and says so", async () => {
    const away = startProcess("user-management", environment({ DB_PORT: "1", DB_CONNECT_TIMEOUT_MS: "500" }));
    const url = await urlOf(away);
    expect((await request(url, "GET", "/actuator/health/liveness")).status).toBe(200);
    expect((await request(url, "GET", "/actuator/health/readiness")).body).toEqual({
      status: "DOWN",
      components: { database: { status: "DOWN", required: true } },
    });
    const login = { body: { email: "a@b.co", password: "x" } };
    expect((await request(url, "POST", "/api/v1/auth/login", login)).body).toMatchObject({
      status: 503,
      code: "DATABASE_UNAVAILABLE",
    });
    away.child.kill("SIGTERM");
    expect(await away.ended).toBe(0);
  });
});
