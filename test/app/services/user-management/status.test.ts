import { randomUUID } from "node:crypto";
import { createTestDatabase } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";
import type { TestService } from "../../support/service";
import { registerUser, signIn, startUserManagement } from "../../support/users";

let database: TestDatabase;
let service: TestService;
let admin: { readonly userId: string; readonly token: string };

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startUserManagement(database);
  const manager = await registerUser(service);
  await database.query("UPDATE users SET roles = '{ADMIN}' WHERE user_id = $1", [manager.userId]);
  admin = { userId: manager.userId, token: (await signIn(service, manager)).accessToken };
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const setStatus = (userId: string, status: string, token = admin.token, reason = "a test") =>
  service.call("PUT", `/api/v1/users/${userId}/status`, { token, body: { status, reason } });
const suspended = (userId: string) => database.query("SELECT status FROM suspended_users WHERE user_id = $1", [userId]);

describe("the status of a user", () => {
  test("suspended ends every session and refuses the next, until it is active again", async () => {
    const user = await registerUser(service);
    const { accessToken: token, refreshToken } = await signIn(service, user);
    expect((await setStatus(user.userId, "SUSPENDED")).status).toBe(200);
    expect((await service.call("GET", "/api/v1/users/profile", { token })).body).toMatchObject({
      code: "SESSION_ENDED",
    });
    const refreshed = await service.call("POST", "/api/v1/auth/refresh", { body: { refreshToken } });
    expect(refreshed.body).toMatchObject({ code: "INVALID_REFRESH_TOKEN" });
    const { email, password } = user;
    const login = () => service.call("POST", "/api/v1/auth/login", { body: { email, password } });
    expect((await login()).body).toMatchObject({ status: 403, code: "ACCOUNT_NOT_ACTIVE" });
    expect(await suspended(user.userId)).toEqual([{ status: "SUSPENDED" }]);
    expect((await setStatus(user.userId, "ACTIVE")).status).toBe(200);
    expect((await login()).status).toBe(200);
    expect(await suspended(user.userId)).toEqual([]);
  });

  test("is written down with who changed it and why, once for each change", async () => {
    const { userId } = await registerUser(service);
    await setStatus(userId, "SUSPENDED", admin.token, "a lost telephone");
    await setStatus(userId, "SUSPENDED", admin.token, "once more");
    await setStatus(userId, "DEACTIVATED", admin.token, "asked for");
    const events = await database.query(
      "SELECT kind, actor_id, reason FROM security_events WHERE user_id = $1 AND actor_id IS NOT NULL ORDER BY event_id",
      [userId],
    );
    expect(events).toEqual([
      { kind: "SUSPENDED", actor_id: admin.userId, reason: "a lost telephone" },
      { kind: "DEACTIVATED", actor_id: admin.userId, reason: "asked for" },
    ]);
    expect(await suspended(userId)).toEqual([{ status: "DEACTIVATED" }]);
  });

  test("deactivated is for good", async () => {
    const { userId } = await registerUser(service);
    await setStatus(userId, "DEACTIVATED");
    for (const status of ["ACTIVE", "SUSPENDED"])
      expect((await setStatus(userId, status)).body).toMatchObject({ status: 409, code: "USER_DEACTIVATED" });
    expect((await setStatus(userId, "DEACTIVATED")).status).toBe(200);
    expect(await suspended(userId)).toEqual([{ status: "DEACTIVATED" }]);
  });

  test("is changed by administrators alone, with a reason, for users that there are", async () => {
    const user = await registerUser(service);
    const { accessToken } = await signIn(service, user);
    expect((await setStatus(user.userId, "ACTIVE", accessToken)).status).toBe(403);
    expect((await setStatus(user.userId, "SUSPENDED", admin.token, "")).status).toBe(400);
    expect((await setStatus(user.userId, "GONE")).status).toBe(400);
    expect((await setStatus(randomUUID(), "SUSPENDED")).body).toMatchObject({ code: "USER_NOT_FOUND" });
    expect(await suspended(user.userId)).toEqual([]);
  });
});
