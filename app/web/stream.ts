import { backoffMs } from "../packages/kit/backoff";

export interface StreamMessage {
  readonly type: string;
}

const retryTimes = { firstMs: 500, mostMs: 15_000 };

/** A WebSocket of a service that authenticates, and comes back when it is lost. */
export class Stream<Message extends StreamMessage> {
  private socket: WebSocket | undefined;
  private failures = 0;
  private retry: number | undefined;
  private silence: number | undefined;
  private authenticated = false;
  private closed = false;

  constructor(
    private readonly path: string,
    private readonly token: () => string,
    private readonly on: {
      /** After each connection that has authenticated. */
      readonly ready: () => void;
      readonly message: (message: Message) => void;
      readonly lost: () => void;
    },
    /** Silence after which the connection counts as gone, where the server beats. */
    private readonly silenceMs?: number,
  ) {
    this.connect();
  }

  /** Sends while there is a connection that has authenticated; `ready` says when there is a new one. */
  send(message: object): void {
    if (this.authenticated) this.socket?.send(JSON.stringify(message));
  }

  /** Gives the connection a newer token, so that it outlives the one before. */
  renew(): void {
    this.send({ type: "AUTH", token: this.token() });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.socket?.close();
  }

  private connect(): void {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}${this.path}`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ type: "AUTH", token: this.token() }));
    });
    socket.addEventListener("message", ({ data }) => {
      this.heard(socket);
      const message = JSON.parse(String(data)) as Message;
      if (message.type !== "AUTHENTICATED") this.on.message(message);
      else if (!this.authenticated) {
        this.authenticated = true;
        this.failures = 0;
        this.on.ready();
      }
    });
    socket.addEventListener("close", () => {
      clearTimeout(this.silence);
      this.authenticated = false;
      if (this.closed) return;
      this.on.lost();
      this.retry = window.setTimeout(
        () => {
          this.connect();
        },
        backoffMs(retryTimes, this.failures++),
      );
    });
  }

  private heard(socket: WebSocket): void {
    if (this.silenceMs === undefined) return;
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => {
      socket.close();
    }, this.silenceMs);
  }
}
