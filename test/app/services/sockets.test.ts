import { randomUUID } from "node:crypto";
import { Type } from "typebox";
import { metrics } from "../../../app/packages/contract/metrics";
import { services } from "../../../app/packages/contract/services";
import type { ClientSocket } from "../../../app/packages/kit/http/client-socket";
import { serveSockets } from "../../../app/packages/kit/http/sockets";
import type { Kit, ServiceOptions } from "../../../app/packages/kit/service";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { startTestService, testServiceConfig } from "../support/service";
import type { TestService } from "../support/service";
import { TestSocket } from "../support/socket";
import { testKeys, testToken } from "../support/tokens";

const path = "/ws/market-data";
const Echo = Type.Object({ type: Type.Literal("ECHO"), of: Type.String(), userId: Type.String() });
let database: TestDatabase;
let service: TestService;
const clients: ClientSocket[] = [];
const opened: TestSocket[] = [];

const start = (options?: ServiceOptions) => {
  const config = testServiceConfig(database);
  const build = (kit: Kit) => {
    serveSockets(kit, config.http, {
      path,
      access: "market:read",
      protocol: { title: "Echo", description: "For this test", receives: {}, sends: { ECHO: Echo } },
      connected: (socket) => {
        clients.push(socket);
        socket.onMessage((message) => {
          socket.send(JSON.stringify({ type: "ECHO", of: message.type, userId: socket.principal.userId }));
        });
      },
    });
  };
  return startTestService(services.marketData, config, build, options);
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

  test("end with their token", async () => {
    const socket = connect(await bearer({ claims: { exp: Math.ceil(Date.now() / 1000) + 1 } }));
    expect(await socket.closed).toBe(4401);
  });

  test("stay for as long as the last token that the user gave them", async () => {
    const userId = randomUUID();
    const now = Math.floor(Date.now() / 1000);
    const endOf = (exp: number) => ({ type: "AUTHENTICATED", expiresAt: new Date(exp * 1000).toISOString() });
    const socket = connect(await bearer({ userId, claims: { exp: now + 600 } }));
    await socket.receive(endOf(now + 600));
    await socket.send({ type: "AUTH", token: await testToken({ userId, claims: { exp: now + 900 } }) });
    await socket.receive(endOf(now + 900));
    await socket.send({ type: "STILL_HERE" });
    expect(await socket.receive({ of: "STILL_HERE" })).toMatchObject({ userId });
  });

  test("that leave while their token is looked at are forgotten", async () => {
    let asked: () => void = () => undefined;
    let answer: () => void = () => undefined;
    const looking = new Promise<void>((resolve) => (asked = resolve));
    const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
    const slow = await start({
      tokenKeys: async (header, token) => {
        asked();
        await mayAnswer;
        return testKeys(header, token);
      },
    });
    const heard = clients.length;
    const open = slow.kit.metrics.gauge(metrics.webSocketConnections);
    const isOpen = async () => (await open.get()).values.some(({ value }) => value > 0);
    const socket = new TestSocket(slow.url, path, await bearer());
    await looking;
    expect(await isOpen()).toBe(true);
    socket.close();
    while (await isOpen()) await new Promise((resolve) => setTimeout(resolve, 5));
    answer();
    await slow.stop();
    expect(clients.length).toBe(heard);
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
