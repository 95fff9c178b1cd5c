import fastify from "fastify";
import { allowOrigins } from "../../../../app/packages/kit/http/cors";

const page = "https://app.example.com";
const app = fastify();
allowOrigins(app, ["https://example.com", page]);
app.get("/quotes", () => "quotes");
let base = "";
beforeAll(async () => {
  base = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => app.close());

async function ask(method: "GET" | "OPTIONS", headers: Record<string, string>, path = "/quotes") {
  const answer = await fetch(base + path, { method, headers });
  const cors = [...answer.headers].filter(([name]) => name.startsWith("access-control-"));
  const vary = answer.headers.get("vary");
  return { status: answer.status, body: await answer.text(), vary, cors: Object.fromEntries(cors) };
}
const preflight = { "access-control-request-method": "PUT", "access-control-request-headers": "authorization" };
const exposed =
  "x-correlation-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after, location, idempotency-replayed";
const readable = {
  "access-control-allow-origin": page,
  "access-control-allow-credentials": "true",
  "access-control-expose-headers": exposed,
};

test("a page of an allowed origin may read an answer, with credentials", async () => {
  expect(await ask("GET", { origin: page })).toEqual({ status: 200, body: "quotes", vary: "Origin", cors: readable });
});

test.each([
  ["another origin", { origin: "https://evil.example" }],
  ["an origin that begins like an allowed one", { origin: `${page}.evil.example` }],
  ["no origin that it names", { origin: "null" }],
  ["no page", {}],
])("what %s asks is answered without any leave", async (_who, headers) => {
  expect(await ask("GET", headers)).toEqual({ status: 200, body: "quotes", vary: "Origin", cors: {} });
});

test("a preflight of an allowed origin is told all that it may send, wherever it goes", async () => {
  for (const path of ["/quotes", "/nowhere"])
    expect(await ask("OPTIONS", { origin: page, ...preflight }, path)).toMatchObject({
      status: 204,
      body: "",
      vary: expect.stringMatching(/^Origin\b/) as string,
      cors: {
        ...readable,
        "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
        "access-control-allow-headers": "authorization",
        "access-control-max-age": "3600",
      },
    });
});

test("a preflight of another origin is answered, and allowed nothing", async () => {
  const { status, vary, cors } = await ask("OPTIONS", { origin: "https://evil.example", ...preflight });
  expect([status, vary]).toEqual([204, "Origin"]);
  expect(Object.values(cors).filter((value) => value !== "")).toEqual([]);
});

test.each([
  ["says no method", { origin: page }],
  ["comes from no page", { "access-control-request-method": "PUT" }],
])("an OPTIONS that %s is no preflight", async (_what, headers) => {
  expect((await ask("OPTIONS", headers)).status).toBe(404);
});
