/**
 * A broker's socket that sends ticks as fast as they are taken, or at a rate. The WebSocket frames are made before the
 * clock starts, so that what is measured is who reads them.
 */
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { sampleSymbols, sampleTick, tickFrame } from "../sample-ticks";
import { listenForCommands } from "./control";

/** Ticks in one write; about 64 KiB. */
const ticksAWrite = 200;
const paceMs = 5;

let subscriber: Duplex | undefined;
let next = 0;

const server = listenForCommands({ subscribed, burst, pace });
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
server.on("upgrade", (request, stream, head) => {
  sockets.handleUpgrade(request, stream, head, (socket) => {
    socket.on("message", (data: Buffer) => {
      if (data.includes(`"Type":"T"`)) subscriber = stream;
    });
    socket.on("close", () => {
      if (subscriber === stream) subscriber = undefined;
    });
    socket.on("error", () => undefined);
  });
});

/** Waits until a client listens. */
async function subscribed(): Promise<void> {
  while (subscriber === undefined) await sleep(20);
}

/** Sends so many ticks. @returns the time at which the first one left, in milliseconds since the epoch */
async function burst({ ticks }: { readonly ticks: number }): Promise<{ readonly startedAt: number }> {
  const writes: Buffer[] = [];
  for (let left = ticks; left > 0; left -= ticksAWrite) writes.push(frames(Math.min(left, ticksAWrite), sampleSymbols));
  const startedAt = Date.now();
  for (const write of writes) await send(write);
  return { startedAt };
}

/** Sends ticks of the first symbols at a rate, for so long. */
async function pace(order: {
  readonly ticksASecond: number;
  readonly seconds: number;
  readonly symbols: number;
}): Promise<{ readonly ticks: number }> {
  const symbols = sampleSymbols.slice(0, order.symbols);
  const startedAt = performance.now();
  let sent = 0;
  for (let elapsedMs = 0; elapsedMs < order.seconds * 1000; elapsedMs = performance.now() - startedAt) {
    const due = Math.floor((elapsedMs / 1000) * order.ticksASecond) - sent;
    if (due > 0) await send(frames(due, symbols));
    sent += due;
    await sleep(paceMs);
  }
  return { ticks: sent };
}

function frames(ticks: number, symbols: readonly string[]): Buffer {
  const now = Date.now();
  return Buffer.concat(Array.from({ length: ticks }, () => textFrame(tickFrame(sampleTick(next++, now, symbols)))));
}

/** A final, unmasked text frame of 126 to 65,535 bytes (RFC 6455, 5.2), as servers send them. */
function textFrame(text: string): Buffer {
  const frame = Buffer.allocUnsafe(4 + text.length);
  frame[0] = 0x81;
  frame[1] = 126;
  frame.writeUInt16BE(text.length, 2);
  frame.write(text, 4, "latin1");
  return frame;
}

async function send(bytes: Buffer): Promise<void> {
  if (subscriber === undefined) throw new Error("no client listens to the ticks any more");
  if (!subscriber.write(bytes)) await once(subscriber, "drain");
}
