/** Many WebSocket clients in one process, which read everything and look at nothing. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { listenForCommands } from "./control";

let sockets: WebSocket[] = [];
let messages = 0;
let bytes = 0;
let recorded: number[] | undefined;

listenForCommands({ open, count, record, close });

/** Opens clients, as many with each token, and waits until every one has its last expected answer. */
async function open(order: {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly clientsAToken: number;
  /** What each client sends, and how many messages answer all of it. */
  readonly say: readonly string[];
  readonly answers: number;
}): Promise<void> {
  for (const token of order.tokens) {
    const opened = Array.from({ length: order.clientsAToken }, () => openOne(order, token));
    sockets.push(...(await Promise.all(opened)));
  }
  for (const socket of sockets) socket.on("message", received);
  sockets[0]?.on("message", (data: Buffer) => recorded?.push(data.length));
}

async function openOne({ url, say, answers }: Parameters<typeof open>[0], token: string): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, skipUTF8Validation: true });
  socket.on("error", (error) => {
    process.stderr.write(`a client failed: ${error.message}\n`);
  });
  const answered = answersOf(socket, answers);
  await once(socket, "open");
  for (const text of say) socket.send(text);
  await answered;
  return socket;
}

function answersOf(socket: WebSocket, answers: number): Promise<void> {
  let left = answers;
  return new Promise((resolve, reject) => {
    if (left === 0) resolve();
    socket.once("close", (code) => {
      reject(new Error(`a client was closed with ${code} before it was answered`));
    });
    socket.on("message", () => {
      left--;
      if (left === 0) resolve();
    });
  });
}

function received(data: Buffer): void {
  messages++;
  bytes += data.length;
}

/** What all clients got so far. */
function count(): Promise<{ messages: number; bytes: number; open: number }> {
  return Promise.resolve({ messages, bytes, open: sockets.filter(({ readyState }) => readyState === 1).length });
}

/** Notes the sizes of what the first client gets from now on; gives those since the last call. */
function record(): Promise<{ readonly sizes: readonly number[] }> {
  const sizes = recorded ?? [];
  recorded = [];
  return Promise.resolve({ sizes });
}

async function close(): Promise<void> {
  const closed = sockets.map((socket) => once(socket, "close"));
  for (const socket of sockets) socket.terminate();
  await Promise.all(closed);
  sockets = [];
  recorded = undefined;
}
