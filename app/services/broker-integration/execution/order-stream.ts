import type WebSocket from "ws";
import { fieldsOf } from "../../../packages/algolab/envelope";
import { openSocket } from "../../../packages/algolab/socket";
import type { SocketOptions } from "../../../packages/algolab/socket";
import { networkLimits } from "../../../packages/contract/network-limits";
import { backoffMs } from "../../../packages/kit/backoff";
import type { Logger } from "../../../packages/kit/observability/logger";

const heartbeatMs = 10_000;
const { socketSilenceMs } = networkLimits.broker;
const reconnectTimes = { firstMs: 500, mostMs: 30_000, jitter: 0.5 };

export interface OrderStreamEvents {
  /** Something happened to an order of the account: time to look at the broker's list. */
  readonly hint: () => void;
  readonly connected: (connected: boolean) => void;
}

/**
 * The broker's socket, for its messages about orders. What they say is not documented well enough to be booked, so each
 * is a hint only; while the socket is away the list is polled. One that brings nothing, not even answers to pings, is
 * taken for lost: a host that vanished closes no socket.
 */
export class OrderStream {
  private socket: WebSocket | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private failures = 0;
  private closed = false;

  constructor(
    readonly options: SocketOptions,
    readonly events: OrderStreamEvents,
    readonly log: Logger,
    /** From 0 to 1: spreads the reconnections of many processes. */
    readonly random: () => number = Math.random,
    readonly silenceMs: number = socketSilenceMs,
  ) {}

  open(): void {
    const socket = openSocket(this.options);
    this.socket = socket;
    const heard = () => {
      this.silence?.refresh();
    };
    const beat = () => {
      socket.ping();
      socket.send(JSON.stringify({ Type: "H", Token: this.options.hash }));
    };
    socket.on("open", () => {
      // The broker hangs up on a socket that says nothing at once.
      beat();
      this.heartbeat = setInterval(beat, heartbeatMs);
      this.silence = setTimeout(() => {
        this.log.warn("the broker's socket is silent; connecting again");
        socket.terminate();
      }, this.silenceMs);
      this.failures = 0;
      this.events.connected(true);
      // Messages sent while the socket was away are lost: look at the list.
      this.events.hint();
    });
    socket.on("pong", heard);
    socket.on("message", (data: Buffer) => {
      heard();
      if (isOrderMessage(data)) this.events.hint();
    });
    socket.on("error", (error) => {
      this.log.debug({ error: error.message }, "the broker's socket failed");
    });
    socket.on("close", () => {
      this.lost();
    });
  }

  close(): void {
    this.closed = true;
    clearInterval(this.heartbeat);
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    this.socket?.terminate();
  }

  private lost(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.silence);
    if (this.closed) return;
    this.events.connected(false);
    this.retry = setTimeout(
      () => {
        this.open();
      },
      backoffMs(reconnectTimes, this.failures++, this.random),
    );
  }
}

/** Anything that is not clearly about something else counts: a message cut short may have been about an order. */
function isOrderMessage(data: Buffer): boolean {
  try {
    return fieldsOf(JSON.parse(data.toString("utf8")))?.get("type") === "O";
  } catch {
    return true;
  }
}
