import type { RawData, WebSocket } from "ws";
import { takeToken } from "../cache/cache";
import type { Principal } from "../auth/principal";

/** Why the server closes a WebSocket. Codes from 4000 are the application's own, numbered after HTTP statuses. */
export const closing = {
  restart: { code: 1012, reason: "this server ends; connect again" },
  badMessage: { code: 4400, reason: "the message is not a JSON object with a type" },
  notAuthenticated: { code: 4401, reason: "the token is not valid, or has ended" },
  notAllowed: { code: 4403, reason: "the token lacks the authority" },
  tooSlowToAuthenticate: { code: 4408, reason: "no AUTH message came in time" },
  slowConsumer: { code: 4413, reason: "messages are not read fast enough" },
  tooMany: { code: 4429, reason: "too many connections or messages" },
} as const;
export type Closing = keyof typeof closing;

/** A message as it came: an object with a type. */
export type ClientMessage = Readonly<Record<string, unknown>> & { readonly type: string };

/** Messages that a client may send: 20 a second, 50 at once. */
const messageBucket = { rate: 20, windowMs: 1_000, capacity: 50 };

/** One authenticated client, as an endpoint sees it. */
export class ClientSocket {
  private signedIn: Principal | undefined;
  private received: (message: ClientMessage) => void = () => undefined;
  private closed: (() => void)[] = [];
  private allowance: number | undefined;
  private end: NodeJS.Timeout | undefined;
  private gone = false;
  /** False between a ping and its pong. */
  alive = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly count: { sent(): void; refused(reason: Closing): void },
  ) {
    socket.on("pong", () => {
      this.alive = true;
    });
    socket.on("close", () => {
      this.gone = true;
      clearTimeout(this.end);
      for (const closed of this.closed) closed();
    });
    // The close event follows; no client is left to answer.
    socket.on("error", () => undefined);
  }

  /** Who is on the other side. @throws before the client has authenticated */
  get principal(): Principal {
    if (this.signedIn === undefined) throw new Error("the socket has not authenticated yet");
    return this.signedIn;
  }

  get authenticated(): boolean {
    return this.signedIn !== undefined;
  }

  /** False from the moment that either side has begun to close. */
  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Bytes that wait to be sent; a client that does not read makes them grow. */
  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  /** Sends one text message. Nothing happens on a socket that closes. */
  send(message: string | Buffer): void {
    if (!this.open) return;
    this.socket.send(message, { binary: false });
    this.count.sent();
  }

  close(why: Closing): void {
    if (this.socket.readyState >= this.socket.CLOSING) return;
    if (why !== "restart") this.count.refused(why);
    this.socket.close(closing[why].code, closing[why].reason);
  }

  /** Ends the connection without waiting for the client. */
  terminate(): void {
    this.socket.terminate();
  }

  /** Asks for a sign of life; a client that gave none since the last time is cut off. */
  checkLife(): void {
    if (!this.alive) {
      this.terminate();
      return;
    }
    this.alive = false;
    this.socket.ping();
  }

  onMessage(received: (message: ClientMessage) => void): void {
    this.received = received;
  }

  /** Calls `closed` once the connection is gone: at once where it is already. */
  onClose(closed: () => void): void {
    if (this.gone) closed();
    else this.closed.push(closed);
  }

  /** Accepts an open client, or extends its stay, until the token ends. */
  accept(principal: Principal, now: number): void {
    this.signedIn = principal;
    clearTimeout(this.end);
    this.end = setTimeout(() => {
      this.close("notAuthenticated");
    }, principal.expiresAt - now);
  }

  deliver(message: ClientMessage): void {
    this.received(message);
  }

  /** @returns the message, or undefined after closing the socket for what was wrong with it */
  read(data: RawData, isBinary: boolean, now: number): ClientMessage | undefined {
    const { allowed, fullAt } = takeToken(this.allowance, messageBucket, now);
    this.allowance = fullAt;
    if (!allowed) {
      this.close("tooMany");
      return undefined;
    }
    const message = isBinary ? undefined : parse(data);
    if (message === undefined) this.close("badMessage");
    return message;
  }
}

function parse(data: RawData): ClientMessage | undefined {
  try {
    // Text messages arrive in one Buffer.
    const value: unknown = JSON.parse((data as Buffer).toString("utf8"));
    return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
      ? (value as ClientMessage)
      : undefined;
  } catch {
    return undefined;
  }
}
