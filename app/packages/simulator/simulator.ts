import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { assertApiKey } from "../algolab/crypto";
import { istanbulDate } from "../bist/calendar";
import { parsePrice } from "../bist/price";
import { firstSubAccount } from "./account";
import { admin } from "./admin";
import { Exchange } from "./exchange";
import { Faults } from "./faults";
import { Feed } from "./feed";
import { Gate } from "./gate";
import { defaultHabits } from "./habits";
import type { Habits } from "./habits";
import { answerJson, BrokerApi, extraRowsKey } from "./http";
import type { ExtraRows } from "./http";
import { everyInstrument } from "./instruments";
import type { PublishedTrade } from "./published-trade";
import { Random } from "./random";
import { Sessions } from "./sessions";

export interface SimulatorOptions {
  /** `API-<base64 of 32 bytes>`: what clients must know. */
  readonly apiKey: string;
  /** The key of a customer, which signs that customer's calls and no other's. @default `apiKey` for everybody */
  readonly keyOf?: (customer: string) => string | undefined;
  /** What the broker does where the sources leave it open. @default the best-evidenced */
  readonly habits?: Partial<Habits>;
  /** Numbers of every customer's sub-accounts, of which "" means the first. @default one */
  readonly subAccounts?: readonly string[];
  /** @default 0, any free port */
  readonly port?: number;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** The same seed and the same calls give the same market. @default 1 */
  readonly seed?: number;
  /** @default the BIST 30, and some funds, certificates, rights and warrants */
  readonly symbols?: readonly string[];
  /** Trades a second over all symbols; 0 stands still until `advance`. @default 20 */
  readonly tradesPerSecond?: number;
  /** Least time between two calls of a session; 0 turns the limit off. @default 5000 */
  readonly rateIntervalMs?: number;
  /** A session that makes no call for this long ends. @default 900000 */
  readonly sessionIdleMs?: number;
  /** What a new customer starts with, in lira. @default "1000000.00" */
  readonly openingCash?: string;
  /** @default the system clock */
  readonly now?: () => Date;
  /** Where SMS go. */
  readonly onSms?: (customer: string, code: string) => void;
  /** Called after every call that was carried out. */
  readonly onCall?: (endpoint: string, customer: string) => void;
}

/** How often the running market trades: every so many milliseconds, as many times as the rate asks for. */
const pulseMs = 10;
/** The running market stands still before its day ends, so that clients see in a list how their orders ended. */
const closedBeforeMidnightMs = 2 * 60_000;

/** A broker that speaks AlgoLab's protocol over a market of its own. */
export class Simulator {
  /** What the broker does where the sources leave it open; may be changed while it runs. */
  habits: Habits;
  /** How far the market's clock is ahead. Sessions and the rate of calls keep to the real one. */
  clockAheadMs = 0;
  readonly faults = new Faults();
  readonly sessions: Sessions;
  readonly exchange: Exchange;
  private readonly feed: Feed;
  private readonly server: Server;
  private readonly smsCodes = new Map<string, string>();
  private readonly extraRows: ExtraRows = new Map();
  /** The market's clock, which may be ahead of that of sessions. */
  private readonly marketTime: () => Date;
  private pulse: NodeJS.Timeout | undefined;

  private constructor(readonly options: SimulatorOptions) {
    assertApiKey(options.apiKey);
    const now = options.now ?? (() => new Date());
    const marketTime = () => new Date(now().getTime() + this.clockAheadMs);
    this.marketTime = marketTime;
    this.habits = { ...defaultHabits, ...options.habits };
    const habits = () => this.habits;
    this.sessions = new Sessions({
      now,
      idleMs: options.sessionIdleMs,
      onSms: (customer, code) => {
        this.smsCodes.set(customer, code);
        options.onSms?.(customer, code);
      },
    });
    this.exchange = new Exchange({
      symbols: options.symbols ?? everyInstrument,
      random: new Random(options.seed ?? 1),
      now: marketTime,
      habits,
      subAccounts: options.subAccounts ?? [firstSubAccount],
      openingCash: parsePrice(options.openingCash ?? "1000000.00"),
      onOrder: (event) => {
        this.feed.order(event);
      },
    });
    const { apiKey, keyOf = () => undefined, rateIntervalMs } = options;
    const gate = new Gate({
      keyOf: (customer) => keyOf(customer) ?? apiKey,
      sessions: this.sessions,
      habits,
      rateIntervalMs,
      now: () => performance.now(),
    });
    this.feed = new Feed(gate, this.faults, habits, marketTime);
    const broker = { exchange: this.exchange, sessions: this.sessions, habits, now: marketTime };
    const api = new BrokerApi(broker, gate, this.faults, this.extraRows, options.onCall ?? (() => undefined));
    this.server = this.serve(api);
  }

  static async start(options: SimulatorOptions): Promise<Simulator> {
    const simulator = new Simulator(options);
    await new Promise<void>((resolve, reject) => {
      simulator.server.once("error", reject);
      simulator.server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
    });
    simulator.run(options.tradesPerSecond ?? 20);
    return simulator;
  }

  /** Scheme and host to give to a client. */
  get url(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  get socketConnections(): number {
    return this.feed.connections;
  }

  /** The last SMS code sent to a customer. */
  smsCode(customer: string): string | undefined {
    return this.smsCodes.get(customer);
  }

  /** Lets the market trade so many times, and sends what a subscriber would see. */
  advance(trades = 1): void {
    for (let count = 0; count < trades; count++) {
      const trade = this.exchange.advance();
      this.feed.tick(trade);
      this.feed.depth(trade, this.exchange.market);
    }
  }

  /** Lets a share trade as told. @throws RangeError for a share that the simulator does not have */
  publish({ symbol, price, quantity = 100, side = "B", times = 1, at, market }: PublishedTrade): void {
    const share = this.exchange.market.shares.get(symbol);
    if (share === undefined) throw new RangeError(`the simulator has no ${symbol}`);
    const trade = this.exchange.market.tradeAt(share, price ?? share.last, quantity, side);
    for (let count = 0; count < times; count++) this.feed.tick(trade, at, market);
  }

  /** Puts rows into a customer's lists of an endpoint, as they are; none takes them out again. */
  setExtraRows(endpoint: string, customer: string, rows: readonly Record<string, unknown>[]): void {
    this.extraRows.set(extraRowsKey(endpoint, customer), [...rows]);
  }

  async close(): Promise<void> {
    clearInterval(this.pulse);
    this.feed.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private run(tradesPerSecond: number): void {
    if (tradesPerSecond === 0) return;
    const startedAt = performance.now();
    let made = 0;
    this.pulse = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * tradesPerSecond);
      // After a pause the market goes on from now instead of catching up in one burst.
      if (this.isRunning()) this.advance(Math.min(due - made, Math.ceil(tradesPerSecond / 10)));
      made = due;
    }, pulseMs);
  }

  private isRunning(): boolean {
    const now = this.marketTime().getTime();
    return istanbulDate(now) === istanbulDate(now + closedBeforeMidnightMs);
  }

  private serve(api: BrokerApi): Server {
    const server = createServer((request, response) => {
      const handled = this.handle(api, request, response);
      handled.catch((error: unknown) => {
        if (!response.headersSent) answerJson(response, 400, { success: false, message: String(error), content: null });
      });
    });
    server.on("upgrade", (request, socket, head) => {
      this.feed.accept(request, socket, head);
    });
    return server;
  }

  private async handle(api: BrokerApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split("?")[0] ?? "";
    const endpoint = /^\/api\/api\/(\w+)$/.exec(path)?.[1];
    if (endpoint) await api.handle(request, response, endpoint);
    else if (path.startsWith("/simulator/")) await admin(this, request, response);
    else answerJson(response, 404, { success: false, message: "not found", content: null });
  }
}
