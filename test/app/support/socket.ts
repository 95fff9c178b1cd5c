import WebSocket from "ws";
import { holdToDocument } from "./documented-messages";

/** A WebSocket client that keeps what it gets, for tests to wait for, and holds it to the AsyncAPI document. */
export class TestSocket {
  readonly messages: unknown[] = [];
  /** Resolves with the close code; with the HTTP status when the server refuses the upgrade. */
  readonly closed: Promise<number>;
  readonly opened: Promise<void>;
  readonly socket: WebSocket;
  private waiting: (() => void)[] = [];
  private code: number | undefined;

  /** @param url of the service, http:// */
  constructor(url: string, path: string, headers: Readonly<Record<string, string>> = {}) {
    this.socket = new WebSocket(`${url.replace(/^http/, "ws")}${path}`, { headers });
    this.opened = new Promise((resolve) => this.socket.once("open", resolve));
    this.closed = new Promise((resolve) => {
      const end = (code: number) => {
        this.code ??= code;
        this.wake();
        resolve(code);
      };
      this.socket.once("close", end);
      this.socket.once("unexpected-response", (_request: unknown, response: { statusCode?: number }) => {
        end(response.statusCode ?? 0);
      });
      this.socket.on("error", () => undefined);
    });
    const hold = holdToDocument(url, path);
    this.socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as unknown;
      this.messages.push(message);
      hold(message);
      this.wake();
    });
  }

  /** @throws when the server refuses the connection */
  async send(message: unknown): Promise<void> {
    await Promise.race([this.opened, this.closed]);
    if (this.socket.readyState === WebSocket.CONNECTING) throw new Error(`refused with ${this.code}`);
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The first message, also an earlier one, that has these members. @throws when the socket is closed without it */
  async receive(members: Readonly<Record<string, unknown>>): Promise<unknown> {
    const matches = (message: unknown) =>
      Object.entries(members).every(([name, value]) => (message as Record<string, unknown>)[name] === value);
    for (;;) {
      const found = this.messages.find(matches);
      if (found !== undefined) return found;
      if (this.code !== undefined)
        throw new Error(
          `closed with ${this.code} before ${JSON.stringify(members)}; it received ${JSON.stringify(this.messages)}`,
        );
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  close(): void {
    this.socket.terminate();
  }

  private wake(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}
