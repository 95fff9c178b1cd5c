import type WebSocket from "ws";
import { fieldsOf } from "../../../packages/algolab/envelope";
import { openSocket } from "../../../packages/algolab/socket";
import type { SocketOptions } from "../../../packages/algolab/socket";
import type { Logger } from "../../../packages/kit/observability/logger";

const heartbeatMs = 10_000;
const reconnectMs = { first: 500, most: 30_000 };

export interface OrderStreamEvents {
  /** Something happened to an order of the account: time to look at the broker's list. */
  readonly hint: () => void;
  readonly connected: (connected: boolean) => void;
}

/**
 * The broker's socket, for its messages about orders. What they say is not documented well enough to be booked, so each
 * is a hint only; while the socket is away the list is polled.
 */
export class OrderStream {
  private socket: WebSocket | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private retryMs = reconnectMs.first;
  private closed = false;

  constructor(
    readonly options: SocketOptions,
    readonly events: OrderStreamEvents,
    readonly log: Logger,
    /** From 0 to 1: spreads the reconnections of many processes. */
    readonly random: () => number = Math.random,
  ) {}

  open(): void {
    const socket = openSocket(this.options);
    this.socket = socket;
    const beat = () => {
      socket.send(JSON.stringify({ Type: "H", Token: this.options.hash }));
    };
    socket.on("open", () => {
      // The broker hangs up on a socket that says nothing at once.
      beat();
      this.heartbeat = setInterval(beat, heartbeatMs);
      this.retryMs = reconnectMs.first;
      this.events.connected(true);
      // Messages sent while the socket was away are lost: look at the list.
      this.events.hint();
    });
    socket.on("message", (data: Buffer) => {
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
    clearTimeout(this.retry);
    this.socket?.terminate();
  }

  private lost(): void {
    clearInterval(this.heartbeat);
    if (this.closed) return;
    this.events.connected(false);
    this.retry = setTimeout(
      () => {
        this.open();
      },
      this.retryMs * (0.5 + this.random() / 2),
    );
    this.retryMs = Math.min(this.retryMs * 2, reconnectMs.most);
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
