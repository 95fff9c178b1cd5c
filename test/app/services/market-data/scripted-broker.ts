import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { testApiKey } from "../../../../app/packages/simulator/test-key";
import type { BrokerSession } from "../../../../app/services/market-data/feed/broker-feed";
import { until } from "./market-data";

/** What the broker answers to a call. */
export interface Answer {
  readonly status?: number;
  readonly text: string;
}

/** A call that was made: its endpoint and its body. */
export interface Call {
  readonly endpoint: string;
  readonly body: Readonly<Record<string, string>>;
}

/** A broker that says on its socket what a test has it say, to the one client that is subscribed, and answers calls alike. */
export class ScriptedBroker {
  readonly session: BrokerSession;
  readonly url: string;
  readonly calls: Call[] = [];
  /** Called for each subscription, before anything is said over it. */
  onSubscribed: () => void = () => undefined;
  answer: (call: Call) => Answer = () => ({ status: 404, text: "<html>Not Found</html>" });
  private readonly sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  private client: WebSocket | undefined;
  /** All that have subscribed. */
  private readonly clients = new Set<WebSocket>();
  private subscribed = 0;
  private refusing = false;

  private constructor(private readonly server: Server) {
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    const options = { baseUrl: this.url, apiKey: testApiKey, hash: "a session of the script" };
    this.session = () => Promise.resolve(options);
    server.on("request", (request, response) => {
      void text(request).then((body) => {
        const call = { endpoint: request.url?.replace("/api/api/", "") ?? "", body: JSON.parse(body) as Call["body"] };
        this.calls.push(call);
        const { status = 200, text: answer } = this.answer(call);
        response.writeHead(status).end(answer);
      });
    });
    server.on("upgrade", (request, stream, head) => {
      if (this.refusing) {
        stream.destroy();
        return;
      }
      this.sockets.handleUpgrade(request, stream, head, (socket) => {
        socket.on("message", (data: Buffer) => {
          if (!data.includes('"Type":"D"')) return;
          this.client = socket;
          this.clients.add(socket);
          this.subscribed++;
          this.onSubscribed();
        });
        socket.on("close", () => {
          this.clients.delete(socket);
          // One that woke up and left again may have been the last to subscribe.
          if (this.client === socket) this.client = [...this.clients].at(-1);
        });
        socket.on("error", () => undefined);
      });
    });
  }

  static async start(): Promise<ScriptedBroker> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ScriptedBroker(server);
  }

  /** How often a client has subscribed. */
  get subscriptions(): number {
    return this.subscribed;
  }

  get connected(): boolean {
    return this.client !== undefined;
  }

  say(type: "T" | "D", content: object): void {
    if (this.client === undefined) throw new Error("no client is subscribed");
    this.client.send(JSON.stringify({ Type: type, Content: content }));
  }

  /** Cuts the connection and waits until the client is back. */
  async cut(): Promise<void> {
    const before = this.subscribed;
    this.client?.terminate();
    await until("the client is back", () => this.subscribed > before);
  }

  /** Cuts the connection and takes no other. */
  refuse(): void {
    this.refusing = true;
    this.client?.terminate();
  }

  async close(): Promise<void> {
    this.client?.terminate();
    this.sockets.close();
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }
}

/** Istanbul time to the whole second, as `T` frames carry it. */
export const wholeSecond = (epochMs: number) => `${new Date(epochMs + 3 * 3_600_000).toISOString().slice(0, 19)}+03:00`;

/** The content of a `T` frame, every member of it as the facts give them. */
export const tickContent = (change: object = {}) => ({
  Symbol: "GARAN",
  Market: "IMKBH",
  Price: 123.4,
  Change: 0.1,
  Ask: 123.4,
  Bid: 123.3,
  Date: wholeSecond(Date.now()),
  ChangePercentage: 0.08,
  High: 124,
  Low: 122,
  TradeQuantity: 10,
  Direction: "B",
  RefPrice: 123.3,
  BalancePrice: 123.35,
  BalanceAmount: 1_500,
  Buying: "IYM",
  Selling: "YKR",
  ...change,
});

/** The content of a `D` frame: one level, its date with seven decimals. */
export const rowContent = (change: object = {}) => ({
  Symbol: "GARAN",
  Market: "IMKBH",
  Direction: "B",
  Row: 0,
  Quantity: 100,
  Price: 123.3,
  OrderCount: 3,
  Date: wholeSecond(Date.now()).replace("+", ".1234567+"),
  ...change,
});
