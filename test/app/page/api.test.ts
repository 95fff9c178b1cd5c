import { Api } from "../../../app/web/api";

interface Request {
  readonly path: string;
  readonly token: string | null;
  readonly answer: (status: number, body: unknown) => void;
}

const tokens = (name: string) => ({
  accessToken: name,
  accessExpiresAt: new Date(Date.now() + 900_000).toISOString(),
  refreshToken: name,
});
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A page's calls, each answered when a test says so. */
function testApi() {
  const requests: Request[] = [];
  const heard: string[] = [];
  jest.spyOn(globalThis, "fetch").mockImplementation(
    (path, { headers } = {}) =>
      new Promise((resolve) => {
        const answer: Request["answer"] = (status, body) => {
          resolve(new Response(JSON.stringify(body), { status }));
        };
        requests.push({ path: path as string, token: new Headers(headers).get("authorization"), answer });
      }),
  );
  const api = new Api(
    () => heard.push("signed out"),
    (token) => heard.push(`token ${token}`),
  );
  /** Answers the request that waits at the end of a path. */
  const answer = async (path: string, status: number, body: unknown = {}) => {
    const index = requests.findIndex((request) => request.path.endsWith(path));
    requests.splice(index, 1)[0]?.answer(status, body);
    await settled();
  };
  const signIn = async (name: string) => {
    const signedIn = api.signIn(`${name}@example.com`, "a password");
    await answer("/login", 200, tokens(name));
    await signedIn;
  };
  const signOut = async () => {
    const signedOut = api.signOut();
    await answer("/logout", 200);
    await signedOut;
  };
  const call = (path: string) => {
    api.call("GET", path).then(
      (value) => heard.push(`${path}: ${JSON.stringify(value)}`),
      (error: unknown) => heard.push(`${path} failed: ${String(error)}`),
    );
  };
  return { api, heard, requests, answer, signIn, signOut, call };
}

describe("what is under way when one signs out", () => {
  // No token is renewed for its age here.
  beforeAll(() => Object.assign(globalThis, { window: { setTimeout: () => 0 } }));
  afterEach(() => jest.restoreAllMocks());

  test("is shown to nobody, neither as an answer nor as an error", async () => {
    const { heard, answer, signIn, signOut, call } = testApi();
    await signIn("one");
    call("/positions");
    call("/orders");
    await signOut();
    await signIn("other");
    await answer("/positions", 200, [{ symbol: "GARAN" }]);
    await answer("/orders", 503, { code: "UNAVAILABLE" });
    call("/positions");
    await answer("/positions", 200, []);
    expect(heard).toEqual(["token one", "token other", "/positions: []"]);
    await signOut();
  });

  test("is not repeated as the next one, whenever its token is refused", async () => {
    const { requests, answer, signIn, signOut, call } = testApi();
    await signIn("one");
    call("/refused-later");
    call("/refused-before");
    await answer("/refused-before", 401, { code: "TOKEN_REVOKED" });
    await signOut();
    await signIn("other");
    await answer("/refresh", 200, tokens("one, renewed"));
    await answer("/refused-later", 401, { code: "TOKEN_REVOKED" });
    expect(requests).toEqual([]);
    await signOut();
  });

  test("signs nobody in again, and the next one not out", async () => {
    for (const status of [200, 401]) {
      const { api, heard, answer, signIn, signOut, call } = testApi();
      await signIn("one");
      call("/orders");
      await answer("/orders", 401, { code: "TOKEN_EXPIRED" });
      await signOut();
      expect(() => api.token).toThrow("no user is signed in");
      await signIn("other");
      await answer("/refresh", status, tokens("one, renewed"));
      expect(api.token).toBe("other");
      expect(heard).toEqual(["token one", "token other"]);
      await signOut();
    }
  });
});

test("a renewal that fails is tried again: the streams end with the token", async () => {
  const due: (() => void)[] = [];
  Object.assign(globalThis, { window: { setTimeout: (renew: () => void) => due.push(renew) } });
  const { heard, requests, answer, signIn, signOut } = testApi();
  await signIn("one");
  due.pop()?.();
  await answer("/refresh", 503, { code: "UNAVAILABLE" });
  due.pop()?.();
  await answer("/refresh", 200, tokens("one, renewed"));
  expect(heard).toEqual(["token one", "token one, renewed"]);
  due.pop()?.();
  const renewal = requests.pop();
  await signOut();
  renewal?.answer(503, { code: "UNAVAILABLE" });
  await settled();
  expect(due).toEqual([]);
  jest.restoreAllMocks();
});
