import { randomUUID } from "node:crypto";
import { services } from "../../../app/packages/contract/services";
import { type ClientSocket } from "../../../app/packages/kit/http/client-socket";
import { serveSockets } from "../../../app/packages/kit/http/sockets";
import { createTestDatabase, type TestDatabase } from "../support/postgres";
import { startTestService, type TestService, testServiceConfig } from "../support/service";
import { TestSocket } from "../support/socket";
import { testToken } from "../support/tokens";

const path = "/ws/market-data";
let database: TestDatabase;
let service: TestService;
const clients: ClientSocket[] = [];
const opened: TestSocket[] = [];

const start = () => {
  const config = testServiceConfig(database);
  return startTestService(services.marketData, config, (kit) => {
    serveSockets(kit, config.http, {
      path,
      access: "market:read",
      connected: (socket) => {
        clients.push(socket);
        socket.onMessage((message) => {
          socket.send(JSON.stringify({ type: "ECHO", of: message.type, userId: socket.principal.userId }));
        });
      },
    });
  });
};
const connect = (headers?: Record<string, string>, to = path) => {
  const socket = new TestSocket(service.url, to, headers);
  opened.push(socket);
  return socket;
};
const bearer = async (options?: Parameters<typeof testToken>[0]) => ({
  authorization: `Bearer ${await testToken(options)}`,
});

beforeAll(async () => {
  database = await createTestDatabase();
  service = await start();
});
afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

describe("web sockets", () => {
  test("authenticate by the first message, and then deliver", async () => {
    const userId = randomUUID();
    const socket = connect(undefined, `/market${path}`);
    await socket.send({ type: "AUTH", token: await testToken({ userId }) });
    await socket.send({ type: "SUBSCRIBE" });
    await socket.receive({ type: "AUTHENTICATED" });
    expect(await socket.receive({ type: "ECHO" })).toEqual({ type: "ECHO", of: "SUBSCRIBE", userId });
  });

  test("authenticate by the Authorization header", async () => {
    await connect(await bearer()).receive({ type: "AUTHENTICATED" });
  });

  test("ASVS 4.4.2: refuse a page of another origin, and take those of the configured ones", async () => {
    const headers = await bearer();
    expect(await connect({ ...headers, origin: "https://evil.example" }).closed).toBe(403);
    await connect({ ...headers, origin: "https://app.bist-trading.com" }).receive({ type: "AUTHENTICATED" });
  });

  test("ASVS 4.4.3: hear nobody who has not authenticated", async () => {
    const heard = clients.length;
    const socket = connect();
    await socket.send({ type: "SUBSCRIBE" });
    expect(await socket.closed).toBe(4401);
    expect(clients).toHaveLength(heard);
  });

  test("ASVS 9.2.1, 9.2.2, 8.2.1: refuse an expired token, one of another type, and one without the authority", async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await connect(await bearer({ claims: { exp: now - 60 } })).closed).toBe(4401);
    expect(await connect(await bearer({ header: { typ: "JWT" } })).closed).toBe(4401);
    expect(await connect(await bearer({ authorities: ["orders:read"] })).closed).toBe(4403);
  });

  test("end with their token, unless a fresh one of the same user comes first", async () => {
    const userId = randomUUID();
    const now = Math.floor(Date.now() / 1000);
    const short = connect(await bearer({ userId, claims: { exp: now + 1 } }));
    const renewed = connect(await bearer({ userId, claims: { exp: now + 1 } }));
    await renewed.send({ type: "AUTH", token: await testToken({ userId }) });
    expect(await short.closed).toBe(4401);
    await renewed.send({ type: "STILL_HERE" });
    expect(await renewed.receive({ of: "STILL_HERE" })).toMatchObject({ userId });
  });

  test("do not change hands", async () => {
    const socket = connect(await bearer());
    await socket.receive({ type: "AUTHENTICATED" });
    await socket.send({ type: "AUTH", token: await testToken() });
    expect(await socket.closed).toBe(4403);
  });

  test("close on what is not a message, on too large ones and on too many", async () => {
    const garbage = connect(await bearer());
    await garbage.send("[1,2");
    expect(await garbage.closed).toBe(4400);
    const large = connect(await bearer());
    await large.send({ type: "X", filler: "x".repeat(20_000) });
    expect(await large.closed).toBe(1009);
    const busy = connect(await bearer());
    for (let count = 0; count < 80; count += 1) await busy.send({ type: "PING" });
    expect(await busy.closed).toBe(4429);
  });

  test("allow one user twenty connections", async () => {
    const headers = await bearer({ userId: randomUUID() });
    const held = Array.from({ length: 20 }, () => connect(headers));
    await Promise.all(held.map((socket) => socket.receive({ type: "AUTHENTICATED" })));
    expect(await connect(headers).closed).toBe(4429);
  });

  test("know no other path", async () => {
    expect(await connect(await bearer(), "/ws/other").closed).toBe(404);
  });

  test("are told to connect again when the service drains", async () => {
    const ending = await start();
    const socket = new TestSocket(ending.url, path, await bearer());
    await socket.receive({ type: "AUTHENTICATED" });
    await ending.stop();
    expect(await socket.closed).toBe(1012);
  });
});
