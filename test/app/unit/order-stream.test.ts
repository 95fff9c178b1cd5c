import { once } from "node:events";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { WebSocketServer } from "ws";
import { testApiKey } from "../../../app/packages/simulator/test-key";
import { OrderStream } from "../../../app/services/broker-integration/execution/order-stream";

test("an order socket that brings nothing, not even a pong, is taken for lost and opened again", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", autoPong: false });
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const seen: boolean[] = [];
  const events = { hint: () => undefined, connected: (connected: boolean) => seen.push(connected) };
  const log = pino({ level: "silent" });
  const stream = new OrderStream({ baseUrl, apiKey: testApiKey, hash: "h" }, events, log, Math.random, 200);
  stream.open();
  await once(server, "connection");
  await once(server, "connection");
  while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(seen.slice(0, 3)).toEqual([true, false, true]);
  stream.close();
  server.close();
});
