import { readFileSync } from "node:fs";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { eventTypes } from "../../../app/services/broker-integration/domain/events";
import { eventually, logIn, placing, startBrokerIntegration, startTestSimulator } from "../support/broker";
import { messagesOf } from "../support/documented-messages";
import type { AsyncApiDocument } from "../support/documented-messages";
import { createTestDatabase } from "../support/postgres";
import { at } from "../support/service";
import type { TestService } from "../support/service";
import { TestSocket } from "../support/socket";
import { testToken } from "../support/tokens";
import { startUserManagement } from "../support/users";
import { createMarketDatabase, startBroker, startReplica, trade, until } from "./market-data/market-data";

const schemaOf = (path: string) => JSON.parse(readFileSync(require.resolve(path), "utf8")) as object;
/** The specification's own schema of documents. */
const specification = schemaOf("@asyncapi/specs/schemas/3.0.0-without-$id.json");

/** What every endpoint says and hears. */
const ofAll = { send: ["AUTHENTICATED"], receive: ["AUTH"] };

async function documentOf(service: TestService): Promise<AsyncApiDocument> {
  const { status, body } = await service.call("GET", "/asyncapi.json");
  expect(status).toBe(200);
  return body as AsyncApiDocument;
}

/** Valid by the specification, with nothing referred to that is not there; shown on a page beside OpenAPI's. */
async function expectPublished(service: TestService): Promise<void> {
  const document = await documentOf(service);
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true, unicodeRegExp: false }));
  const valid = ajv.validate(specification, document);
  expect(valid ? "valid" : ajv.errorsText(ajv.errors)).toBe("valid");
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) => path);
  expect(references.length).toBeGreaterThan(0);
  for (const path of references)
    expect({ path, found: typeof at(document, ...path.split("/")) }).toEqual({ path, found: "object" });

  const { text, headers } = await service.call("GET", "/docs/websocket");
  expect(headers.get("content-type")).toMatch("text/html");
  for (const [name, { address, messages }] of Object.entries(document.channels)) {
    for (const shown of [name, address, ...Object.keys(messages)]) expect(text).toContain(shown);
  }
  const openApi = (await service.call("GET", "/openapi.json")).body;
  expect(at(openApi, "externalDocs", "url")).toBe("/docs/websocket");
}

/** Every type that the document tells of was really said: what `TestSocket` got was held to its schemas besides. */
const typesOf = (document: AsyncApiDocument, path: string, action: "send" | "receive") =>
  [...messagesOf(document, path, action).keys()].sort();
const heard = (socket: TestSocket) => new Set((socket.messages as { type: string }[]).map(({ type }) => type));

test("/ws/trading is described as it is", async () => {
  const database = await createTestDatabase();
  const simulator = await startTestSimulator();
  const service = await startBrokerIntegration(database, simulator.url);
  await expectPublished(service);
  const document = await documentOf(service);
  const path = "/ws/trading";
  expect(typesOf(document, path, "send")).toEqual([...ofAll.send, "SNAPSHOT", ...eventTypes].sort());
  expect(typesOf(document, path, "receive")).toEqual(ofAll.receive);

  const trader = await logIn(service, (customer) => simulator.smsCode(customer));
  const socket = new TestSocket(service.url, path, { authorization: `Bearer ${trader.token}` });
  await socket.receive({ type: "SNAPSHOT" });
  const order = { symbol: "GARAN", side: "BUY", type: "MARKET", quantity: "1" };
  await service.call("POST", "/api/v1/orders", placing(trader, order));
  const resting = simulator.exchange.market.shares.get("THYAO")?.limits.floor ?? 0n;
  const price = `${resting / 100n}.${(resting % 100n).toString().padStart(2, "0")}`;
  const { body } = await service.call(
    "POST",
    "/api/v1/orders",
    placing(trader, { symbol: "THYAO", side: "BUY", type: "LIMIT", quantity: "1", price }),
  );
  const cancel = () => service.call("DELETE", `/api/v1/orders/${String(at(body, "orderId"))}`, { token: trader.token });
  const found = () => service.call("GET", `/api/v1/orders/${String(at(body, "orderId"))}`, { token: trader.token });
  await eventually(found, (answer) => at(answer.body, "order", "status") === "ACCEPTED");
  expect(await cancel()).toMatchObject({ status: 202 });
  await eventually(
    () => {
      simulator.exchange.matchAll();
      return [...heard(socket)].sort();
    },
    (types) => types.length === typesOf(document, path, "send").length,
  );
  const late = new TestSocket(service.url, path, { authorization: `Bearer ${trader.token}` });
  await late.receive({ type: "SNAPSHOT" });
  await service.stop();
  await database.drop();
});

test("/ws/market-data is described as it is", async () => {
  const database = await createMarketDatabase();
  const { simulator, session } = await startBroker();
  const service = await startReplica(database, session);
  await expectPublished(service);
  const document = await documentOf(service);
  const path = "/ws/market-data";
  expect(typesOf(document, path, "receive")).toEqual([...ofAll.receive, "PING", "SUBSCRIBE", "UNSUBSCRIBE"].sort());
  await until("the feed is connected", () => simulator.socketConnections === 1);

  const socket = new TestSocket(service.url, path, { authorization: `Bearer ${await testToken()}` });
  await socket.receive({ type: "AUTHENTICATED" });
  const symbols = [...simulator.exchange.market.shares.keys()];
  for (const channel of ["QUOTE", "TRADE", "DEPTH"]) await socket.send({ type: "SUBSCRIBE", channel, symbols });
  await socket.send({ type: "SUBSCRIBE", channel: "NONE", symbols });
  await socket.send({ type: "PING" });
  await until("it was subscribed", () => heard(socket).has("PONG"));
  await trade(simulator, database, 50);
  await socket.receive({ type: "UPDATE" });
  await socket.send({ type: "UNSUBSCRIBE", channel: "DEPTH", symbols });
  await socket.receive({ type: "UNSUBSCRIBED" });
  // These two take their time; the hub's own test holds them to the same schemas.
  expect(typesOf(document, path, "send")).toEqual([...heard(socket), "CONFLATED", "HEARTBEAT"].sort());
  await service.stop();
  await database.drop();
});

test("a service without WebSockets tells of none", async () => {
  const database = await createTestDatabase();
  const service = await startUserManagement(database);
  expect(await service.call("GET", "/asyncapi.json")).toMatchObject({ status: 404 });
  expect((await service.call("GET", "/openapi.json")).body).not.toHaveProperty("externalDocs");
  await service.stop();
  await database.drop();
});
