import { randomUUID } from "node:crypto";
import * as argon2 from "@node-rs/argon2";
import { SignJWT } from "jose";
import { TestClock } from "../../support/clock";
import { createTestDatabase } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";
import { at } from "../../support/service";
import type { TestService } from "../../support/service";
import { testToken } from "../../support/tokens";
import { goodPassword, registerUser, signIn, startUserManagement, testUserManagementConfig } from "../../support/users";
import type { TestTokens, TestUser } from "../../support/users";

jest.mock("@node-rs/argon2", () => {
  const actual = jest.requireActual<typeof argon2>("@node-rs/argon2");
  return { ...actual, verify: jest.fn(actual.verify) };
});
const passwordChecks = jest.mocked(argon2.verify);

let database: TestDatabase;
let service: TestService;
let victim: TestUser;
let victimTokens: TestTokens;
let attacker: TestTokens;
const clock = new TestClock();
const users = testUserManagementConfig();

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startUserManagement(database, { clock, users });
  victim = await registerUser(service, { tckn: "10000000146", phoneNumber: "+905321234567" });
  victimTokens = await signIn(service, victim, from("198.51.100.1"));
  attacker = await signIn(service, await registerUser(service));
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const from = (address: string) => ({ "x-forwarded-for": address });
const login = (email: string, password: string, address = "203.0.113.9") =>
  service.call("POST", "/api/v1/auth/login", { body: { email, password }, headers: from(address) });
const codes = async (attempts: number, email: string, address?: string) => {
  const seen: unknown[] = [];
  for (let attempt = 0; attempt < attempts; attempt += 1)
    seen.push(at((await login(email, "wrong password", address)).body, "code"));
  return seen;
};

describe("signing in", () => {
  test("ASVS 6.3.8: answers and locks alike for users that exist and those that do not", async () => {
    const exists = await registerUser(service);
    const nobody = `${randomUUID()}@example.com`;
    const expected = [...Array.from({ length: 5 }, () => "INVALID_CREDENTIALS"), "ACCOUNT_LOCKED"];
    expect(await codes(6, exists.email)).toEqual(expected);
    expect(await codes(6, nobody, "203.0.113.10")).toEqual(expected);
    const [one, other] = [await login(exists.email, "wrong"), await login(nobody, "wrong")];
    const withoutIds = (body: unknown) => ({ ...(body as object), correlationId: "" });
    expect(withoutIds(one.body)).toEqual(withoutIds(other.body));
    expect(one.headers.get("retry-after")).toBe(other.headers.get("retry-after"));
  });

  test("ASVS 6.3.8: does the same work for users that do not exist", async () => {
    passwordChecks.mockClear();
    await login(victim.email, "wrong password", "203.0.113.20");
    await login(`${randomUUID()}@example.com`, "wrong password", "203.0.113.20");
    const costs = passwordChecks.mock.calls.map(([hash]) => String(hash).split("$", 4).join("$"));
    expect(costs).toEqual(["$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=19456,t=2,p=1"]);
  });

  test("ASVS 6.3.1: attempts at once do not slip past the lock", async () => {
    const { email } = await registerUser(service);
    const answers = await Promise.all(Array.from({ length: 12 }, () => login(email, "wrong password", "203.0.113.30")));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
  });

  test("ASVS 6.1.1: an attacker cannot lock a user out where the user has signed in before", async () => {
    await codes(6, victim.email, "203.0.113.40");
    expect((await login(victim.email, victim.password, "203.0.113.40")).body).toMatchObject({ code: "ACCOUNT_LOCKED" });
    expect((await login(victim.email, victim.password, "198.51.100.1")).status).toBe(200);
  });

  test("ASVS 6.1.1: a lock ends by itself, and a success forgets the failures", async () => {
    const { email, password } = await registerUser(service);
    await codes(6, email, "203.0.113.50");
    clock.advance(1_000);
    expect((await login(email, password, "203.0.113.50")).status).toBe(200);
    expect(await codes(5, email, "203.0.113.51")).not.toContain("ACCOUNT_LOCKED");
  });

  test("ASVS 6.3.1: one address cannot try many accounts", async () => {
    for (let attempt = 0; attempt < 30; attempt += 1)
      await login(`${randomUUID()}@example.com`, "wrong password", "203.0.113.60");
    expect((await login(victim.email, victim.password, "203.0.113.60")).body).toMatchObject({
      status: 429,
      code: "TOO_MANY_FAILURES",
    });
  });

  test("is found whatever the case of the address", async () => {
    const { email, password } = await registerUser(service);
    expect((await login(email.toUpperCase(), password)).status).toBe(200);
  });
});

describe("registering", () => {
  const register = (more: object) =>
    service.call("POST", "/api/v1/auth/register", {
      body: {
        email: `${randomUUID()}@example.com`,
        password: goodPassword,
        firstName: "A",
        lastName: "B",
        ...more,
      },
    });

  test("ASVS 6.3.8: does not say whether the address or the identity number is taken", async () => {
    const byEmail = await register({ email: victim.email });
    const byTckn = await register({ tckn: "10000000146" });
    expect(byEmail.body).toMatchObject({ status: 409, code: "ALREADY_REGISTERED" });
    expect(at(byTckn.body, "detail")).toBe(at(byEmail.body, "detail"));
  });

  test("ASVS 6.2.1: refuses weak passwords and wrong identity numbers with the reason", async () => {
    expect((await register({ password: "password1234" })).body).toMatchObject({ status: 422, code: "WEAK_PASSWORD" });
    expect((await register({ tckn: "10000000145" })).body).toMatchObject({ status: 400, code: "INVALID_TCKN" });
  });

  test("ASVS 8.2.3: takes no roles and nothing else that it does not know", async () => {
    expect((await register({ roles: ["ADMIN"] })).body).toMatchObject({ status: 400, code: "INVALID_REQUEST" });
  });

  test("ASVS 1.2.4: keeps hostile text as text", async () => {
    const name = "Robert'); DROP TABLE users;--";
    const tokens = await signIn(service, await registerUser(service, { firstName: name }));
    const { body } = await service.call("GET", "/api/v1/users/profile", { token: tokens.accessToken });
    expect(at(body, "firstName")).toBe(name);
  });

  test("ASVS 14.2.4: keeps an identity number out of the database, the logs and every answer", async () => {
    const { body, text } = await service.call("GET", "/api/v1/users/profile", { token: victimTokens.accessToken });
    expect(at(body, "tckn")).toBe("*********46");
    const rows = await database.query(
      "SELECT u::text, s::text AS secrets FROM users u JOIN user_secrets s USING (user_id)",
    );
    for (const place of [text, JSON.stringify(rows), JSON.stringify(service.logged)])
      expect(place).not.toContain("10000000146");
  });

  test("ASVS 13.3.4: moves an identity number to the new key when it is read", async () => {
    const [current] = users.encryptionKeys;
    const rotated = {
      ...users,
      encryptionKeys: [{ id: "new", key: Buffer.alloc(32, 7) }, ...(current ? [current] : [])],
    };
    const after = await startUserManagement(database, { clock, users: rotated });
    const { body } = await after.call("GET", "/api/v1/users/profile", { token: victimTokens.accessToken });
    await after.stop();
    expect(at(body, "tckn")).toBe("*********46");
    const keyId = "SELECT tckn_key_id FROM user_secrets WHERE user_id = $1";
    expect(await database.query(keyId, [victim.userId])).toEqual([{ tckn_key_id: "new" }]);
    await database.query(
      "UPDATE user_secrets SET tckn_ciphertext = NULL, tckn_key_id = NULL, tckn_hash = NULL WHERE user_id = $1",
      [victim.userId],
    );
  });
});

describe("a token", () => {
  const status = async (token: string) => {
    const { body } = await service.call("GET", "/api/v1/auth/validate", { token });
    return at(body, "code");
  };
  const [key, keyBefore] = users.signingKeys;
  const forged = (claims: object, header: object = {}, signer = key) => {
    if (signer === undefined) throw new Error("the test has no signing key");
    const now = Math.floor(clock.now() / 1000);
    return new SignJWT({
      iss: "bist-trading-platform",
      aud: "bist-trading-users",
      sub: victim.userId,
      iat: now,
      exp: now + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: "EdDSA", kid: signer.id, typ: "at+jwt", ...header })
      .sign(signer.privateKey);
  };

  test("is good when everything about it is right", async () => {
    expect(await status(await forged({}))).toBeUndefined();
  });

  test("is good when it was signed before the key was replaced", async () => {
    expect(await status(await forged({}, {}, keyBefore))).toBeUndefined();
  });

  test("ASVS 9.1.1: of another key is refused", async () => {
    expect(await status(await testToken())).toBe("INVALID_TOKEN");
  });

  test("ASVS 9.1.2: without a signature, or signed with the public key as a secret, is refused", async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const payload = (await forged({})).split(".")[1] ?? "";
    expect(await status(`${encode({ alg: "none", typ: "at+jwt" })}.${payload}.`)).toBe("INVALID_TOKEN");
    const secret = Buffer.from(JSON.stringify(key?.publicJwk));
    const confused = await new SignJWT({ sub: victim.userId })
      .setProtectedHeader({ alg: "HS256", kid: key?.id, typ: "at+jwt" })
      .setIssuer("bist-trading-platform")
      .setAudience("bist-trading-users")
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(secret);
    expect(await status(confused)).toBe("INVALID_TOKEN");
  });

  test("ASVS 9.1.3: that brings its own key is refused", async () => {
    const own = await testToken({
      header: { jwk: { kty: "OKP", crv: "Ed25519", x: "AAAA" }, jku: "https://evil.example" },
    });
    expect(await status(own)).toBe("INVALID_TOKEN");
  });

  test.each([
    ["9.2.1: of yesterday", { exp: 1 }, {}, "TOKEN_EXPIRED"],
    ["9.2.1: of tomorrow", { nbf: 4_000_000_000 }, {}, "INVALID_TOKEN"],
    ["9.2.2: of another type", {}, { typ: "JWT" }, "INVALID_TOKEN"],
    ["9.2.3: for another audience", { aud: "somebody-else" }, {}, "INVALID_TOKEN"],
    ["9.2.3: of another issuer", { iss: "somebody-else" }, {}, "INVALID_TOKEN"],
  ])("ASVS %s is refused", async (_case, claims, header, code) => {
    expect(await status(await forged(claims, header))).toBe(code);
  });
});

describe("what belongs to somebody else", () => {
  test("ASVS 8.2.2, 8.4.1: is not found on any route that takes an id", async () => {
    const { status, body } = await service.call("DELETE", `/api/v1/users/sessions/${victimTokens.sessionId}`, {
      token: attacker.accessToken,
    });
    expect([status, at(body, "code")]).toEqual([404, "SESSION_NOT_FOUND"]);
    expect((await service.call("GET", "/api/v1/auth/validate", { token: victimTokens.accessToken })).status).toBe(200);
  });

  test("ASVS 8.2.1, 8.3.1: only who manages users gives roles, and they hold at once", async () => {
    const put = (token: string) =>
      service.call("PUT", `/api/v1/users/${victim.userId}/roles`, { token, body: { roles: ["USER"] } });
    expect((await put(attacker.accessToken)).body).toMatchObject({ status: 403, code: "MISSING_AUTHORITY" });
    const manager = await registerUser(service);
    await database.query("UPDATE users SET roles = '{ADMIN}' WHERE user_id = $1", [manager.userId]);
    const { accessToken } = await signIn(service, manager);
    const before = await signIn(service, victim, from("198.51.100.1"));
    expect((await put(accessToken)).status).toBe(204);
    expect(
      (await service.call("POST", "/api/v1/auth/refresh", { body: { refreshToken: before.refreshToken } })).status,
    ).toBe(401);
    const after = await signIn(service, victim, from("198.51.100.1"));
    const { body } = await service.call("GET", "/api/v1/auth/validate", { token: after.accessToken });
    expect(at(body, "authorities")).toEqual(["market:read"]);
  });

  test("ASVS 8.3.1: every route but those that must be open refuses who is not signed in", async () => {
    const { body } = await service.call("GET", "/openapi.json");
    const routes = Object.entries(at(body, "paths") as Record<string, Record<string, unknown>>).flatMap(
      ([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const open: string[] = [];
    for (const route of routes) {
      const [method = "", path = ""] = route.split(" ");
      const answer = await service.call(method, path.replace(/\{\w+\}/g, randomUUID()), {});
      if (at(answer.body, "code") !== "AUTHENTICATION_REQUIRED") open.push(route);
    }
    expect(routes.length).toBeGreaterThan(10);
    expect(open.sort()).toEqual([
      "GET /.well-known/jwks.json",
      "POST /api/v1/auth/login",
      "POST /api/v1/auth/refresh",
      "POST /api/v1/auth/register",
    ]);
  });
});

describe("any request", () => {
  test("ASVS 4.3.1: of too many bytes or another type is refused", async () => {
    const large = await service.call("POST", "/api/v1/auth/login", {
      body: { email: "a@b.co", password: "x".repeat(70_000) },
    });
    expect(large.body).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    const xml = await service.call("POST", "/api/v1/auth/login", {
      body: "<a/>",
      headers: { "content-type": "application/xml" },
    });
    expect(xml.body).toMatchObject({ status: 415, code: "UNSUPPORTED_MEDIA_TYPE" });
    const broken = await service.call("POST", "/api/v1/auth/login", { body: "{" });
    expect(broken.body).toMatchObject({ status: 400, code: "INVALID_REQUEST" });
  });

  test("ASVS 3.4.2: is readable for the pages of the configured origins only", async () => {
    const allowed = (origin: string) =>
      service
        .call("OPTIONS", "/api/v1/users/profile", { headers: { origin, "access-control-request-method": "PUT" } })
        .then(({ headers }) => headers.get("access-control-allow-origin"));
    expect(await allowed("https://app.bist-trading.com")).toBe("https://app.bist-trading.com");
    expect(await allowed("https://evil.example")).toBeNull();
    const evil = await service.call("GET", "/.well-known/jwks.json", { headers: { origin: "https://evil.example" } });
    expect([...evil.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    expect(evil.headers.get("vary")).toBe("Origin");
  });

  test("tells a page of those origins what it may send", async () => {
    const { status, headers } = await service.call("OPTIONS", "/api/v1/orders", {
      headers: {
        origin: "https://app.bist-trading.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,idempotency-key",
      },
    });
    expect(status).toBe(204);
    expect(Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")))).toMatchObject({
      "access-control-allow-origin": "https://app.bist-trading.com",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": expect.stringContaining("POST") as string,
      "access-control-allow-headers": "authorization,idempotency-key",
      "access-control-max-age": "3600",
    });
  });

  test("lets those pages read the headers that an answer means something by", async () => {
    const { headers } = await service.call("GET", "/.well-known/jwks.json", {
      headers: { origin: "https://app.bist-trading.com" },
    });
    expect(headers.get("access-control-expose-headers")?.split(", ").sort()).toEqual(
      [
        "idempotency-replayed",
        "location",
        "retry-after",
        "x-correlation-id",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
      ].sort(),
    );
  });

  test("ASVS 3.4.1, 3.4.4, 3.4.6: is answered with headers that keep browsers careful", async () => {
    const { headers } = await service.call("GET", "/.well-known/jwks.json");
    expect(headers.get("strict-transport-security")).toBe("max-age=31536000; includeSubDomains");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get("x-powered-by")).toBeNull();
  });

  test("ASVS 16.2.5: leaves no password and no token in the logs", async () => {
    const tokens = await signIn(service, await registerUser(service));
    await service.call("POST", "/api/v1/auth/refresh", { body: { refreshToken: tokens.refreshToken } });
    const logs = JSON.stringify(service.logged);
    for (const secret of [goodPassword, tokens.accessToken, tokens.refreshToken]) expect(logs).not.toContain(secret);
  });
});

describe("the rate limits of the guide", () => {
  test("ASVS 2.4.1: hold ten attempts a minute for each address, on the paths of signing in", async () => {
    const limited = await startUserManagement(database, { users, rateLimits: true });
    const attempt = (address: string) =>
      limited.call("POST", "/api/v1/auth/refresh", { body: { refreshToken: "x" }, headers: from(address) });
    const answers = [];
    for (let count = 0; count < 11; count += 1) answers.push(await attempt("203.0.113.70"));
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    const last = answers.at(-1);
    expect(last?.body).toMatchObject({ code: "RATE_LIMIT_EXCEEDED" });
    expect(last?.headers.get("x-ratelimit-limit")).toBe("10");
    expect(last?.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await attempt("203.0.113.71")).status).toBe(401);
    await limited.stop();
  });
});
