/** What a broadcast costs at least: bare `ws`, each message made into bytes once for all clients. */
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { listenForCommands } from "./control";

const server = listenForCommands({ broadcast });
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

/** Sends messages of these sizes to every client, one each so many milliseconds. */
async function broadcast(order: { readonly sizes: readonly number[]; readonly everyMs: number }): Promise<{
  readonly messages: number;
  readonly processorSeconds: number;
}> {
  const messages = order.sizes.map((size) => Buffer.alloc(size, "a"));
  const clients = [...sockets.clients];
  const before = process.cpuUsage();
  const startedAt = performance.now();
  for (const [index, message] of messages.entries()) {
    const waitMs = startedAt + index * order.everyMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    for (const client of clients) client.send(message, { binary: false });
    // A broadcaster that is behind must still let its sockets write.
    if (waitMs <= 0) await new Promise(setImmediate);
  }
  await sleep(200);
  const { user, system } = process.cpuUsage(before);
  return { messages: messages.length * clients.length, processorSeconds: (user + system) / 1e6 };
}
