import { TestClock } from "../../support/clock";
import { createTestDatabase } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";
import { at } from "../../support/service";
import type { TestService } from "../../support/service";
import { registerUser, signIn, startUserManagement } from "../../support/users";
import type { TestUser } from "../../support/users";

let database: TestDatabase;
let service: TestService;
let user: TestUser;
const clock = new TestClock();

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startUserManagement(database, { clock });
});
beforeEach(async () => {
  user = await registerUser(service);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const refresh = (refreshToken: string) => service.call("POST", "/api/v1/auth/refresh", { body: { refreshToken } });
const validate = (token: string) => service.call("GET", "/api/v1/auth/validate", { token });
/** The end of a session reaches the guard through the database, a moment later. */
const ended = async (token: string) => {
  for (;;) {
    const { status, body } = await validate(token);
    if (status === 401) return at(body, "code");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

describe("sessions", () => {
  test("open with a password, and their access tokens say who it is and what they allow", async () => {
    const { accessToken, sessionId } = await signIn(service, user);
    expect((await validate(accessToken)).body).toMatchObject({
      userId: user.userId,
      sessionId,
      roles: ["TRADER"],
      authorities: expect.arrayContaining(["market:read", "trading:place"]) as unknown,
    });
  });

  test("outlive their access token of fifteen minutes by refreshing", async () => {
    const { accessToken, refreshToken, sessionId } = await signIn(service, user);
    clock.advance(15 * 60_000 + 6_000);
    expect((await validate(accessToken)).body).toMatchObject({ code: "TOKEN_EXPIRED" });
    const { body } = await refresh(refreshToken);
    expect(body).toMatchObject({ sessionId });
    expect((await validate(String(at(body, "accessToken")))).status).toBe(200);
  });

  test("end seven days after the last refresh, and thirty after the sign-in however often refreshed", async () => {
    const idle = await signIn(service, user);
    clock.advance(7 * 86_400_000 + 1);
    expect((await refresh(idle.refreshToken)).status).toBe(401);
    let { refreshToken } = await signIn(service, user);
    for (let day = 5; day <= 25; day += 5) {
      clock.advance(5 * 86_400_000);
      refreshToken = String(at((await refresh(refreshToken)).body, "refreshToken"));
    }
    clock.advance(5 * 86_400_000 + 1);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test("ASVS 10.4.5: a refresh token that comes again ends the session, for both who hold it", async () => {
    const { accessToken, refreshToken } = await signIn(service, user);
    const next = String(at((await refresh(refreshToken)).body, "refreshToken"));
    clock.advance(10_001);
    expect((await refresh(refreshToken)).body).toMatchObject({ status: 401, code: "INVALID_REFRESH_TOKEN" });
    expect((await refresh(next)).status).toBe(401);
    expect(await ended(accessToken)).toBe("SESSION_ENDED");
    expect(
      await database.query("SELECT kind FROM security_events WHERE user_id = $1 AND kind = 'REFRESH_REUSED'", [
        user.userId,
      ]),
    ).toHaveLength(1);
  });

  test("a refresh whose answer was lost may be tried again at once, and takes back the lost tokens", async () => {
    const { refreshToken } = await signIn(service, user);
    const lost = String(at((await refresh(refreshToken)).body, "refreshToken"));
    const retried = await refresh(refreshToken);
    expect(retried.status).toBe(200);
    expect((await refresh(lost)).status).toBe(401);
    expect((await refresh(String(at(retried.body, "refreshToken")))).status).toBe(401);
  });

  test("a used refresh token is no retry once its successor has been used", async () => {
    const { refreshToken } = await signIn(service, user);
    const second = String(at((await refresh(refreshToken)).body, "refreshToken"));
    clock.advance(1);
    expect((await refresh(second)).status).toBe(200);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test("of many refreshes at once with one token, one line of tokens survives", async () => {
    const { refreshToken } = await signIn(service, user);
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)));
    const [{ unused }] = (await database.query<{ unused: string }>(
      "SELECT count(*) AS unused FROM refresh_tokens WHERE user_id = $1 AND used_at IS NULL",
      [user.userId],
    )) as [{ unused: string }];
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(unused).toBe("1");
  });

  test("ASVS 7.4.1: signing out ends the session and its refresh token", async () => {
    const { accessToken, refreshToken } = await signIn(service, user);
    expect((await service.call("POST", "/api/v1/auth/logout", { token: accessToken })).status).toBe(204);
    expect(await ended(accessToken)).toBe("SESSION_ENDED");
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test("ASVS 7.5.2: users see their sessions and end one of them", async () => {
    const here = await signIn(service, user, { "user-agent": "here" });
    const there = await signIn(service, user, { "user-agent": "there" });
    const list = await service.call("GET", "/api/v1/users/sessions", { token: here.accessToken });
    expect(at(list.body, "sessions")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ sessionId: here.sessionId, current: true, userAgent: "here" }),
        expect.objectContaining({ sessionId: there.sessionId, current: false, userAgent: "there" }),
      ]),
    );
    const path = `/api/v1/users/sessions/${there.sessionId}`;
    expect((await service.call("DELETE", path, { token: here.accessToken })).status).toBe(204);
    expect(await ended(there.accessToken)).toBe("SESSION_ENDED");
    expect((await validate(here.accessToken)).status).toBe(200);
  });

  test("ASVS 7.5.2: users end all of their sessions", async () => {
    const [one, two] = [await signIn(service, user), await signIn(service, user)];
    await service.call("DELETE", "/api/v1/users/sessions/terminate-all", { token: one.accessToken });
    expect([await ended(one.accessToken), await ended(two.accessToken)]).toEqual(["SESSION_ENDED", "SESSION_ENDED"]);
  });

  test("are five at most: a sixth ends the oldest", async () => {
    const first = await signIn(service, user);
    for (let more = 0; more < 5; more += 1) {
      clock.advance(1);
      await signIn(service, user);
    }
    expect(await ended(first.accessToken)).toBe("SESSION_ENDED");
  });

  test("ASVS 7.4.3: a new password ends every other session, and the old one no longer signs in", async () => {
    const [here, there] = [await signIn(service, user), await signIn(service, user)];
    const newPassword = "an entirely different phrase";
    const change = (currentPassword: string) =>
      service.call("PUT", "/api/v1/users/password", {
        token: here.accessToken,
        body: { currentPassword, newPassword },
      });
    expect((await change("not the password")).body).toMatchObject({ status: 401, code: "WRONG_PASSWORD" });
    expect((await change(user.password)).status).toBe(204);
    expect(await ended(there.accessToken)).toBe("SESSION_ENDED");
    expect((await validate(here.accessToken)).status).toBe(200);
    expect(
      (await service.call("POST", "/api/v1/auth/login", { body: { email: user.email, password: user.password } }))
        .status,
    ).toBe(401);
    await signIn(service, { ...user, password: newPassword });
  });

  test("ASVS 7.4.2: deactivating an account ends its sessions and lets nobody in", async () => {
    const { accessToken, refreshToken } = await signIn(service, user);
    const body = { password: user.password };
    expect((await service.call("POST", "/api/v1/users/deactivate", { token: accessToken, body })).status).toBe(204);
    expect(await ended(accessToken)).toBe("SESSION_ENDED");
    expect((await refresh(refreshToken)).status).toBe(401);
    const login = await service.call("POST", "/api/v1/auth/login", {
      body: { email: user.email, password: user.password },
    });
    expect(login.body).toMatchObject({ status: 403, code: "ACCOUNT_NOT_ACTIVE" });
  });
});
