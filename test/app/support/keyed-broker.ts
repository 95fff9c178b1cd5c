import { randomInt } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { WebSocketServer } from "ws";
import { checker, decrypt, socketChecker } from "../../../app/packages/algolab/crypto";
import { closeAfterTests } from "./left-over";

/** A call that the broker took, with what it was signed by. */
export interface BrokerCall {
  readonly endpoint: string;
  readonly customer: string;
  /** Of `Subaccount` or `subAccount`; undefined where the call names none. */
  readonly subAccount: string | undefined;
}

export interface KeyedBrokerOptions {
  /** Each customer's API key. */
  readonly keys: Readonly<Record<string, string>>;
  readonly subAccounts?: readonly string[];
  /** Least time between two calls of a customer, log-ins among them; sooner is 429. @default 0 */
  readonly intervalMs?: number;
}

interface Session {
  readonly customer: string;
  readonly apiKey: string;
}

/**
 * A broker with an API key for each customer, which takes a call by the customer's own key alone, and counts the calls of a
 * log-in with the others. It knows what account workers ask for, and an order book a sub-account.
 */
export class KeyedBroker {
  readonly calls: BrokerCall[] = [];
  /** Calls and sockets that were turned away: `401 SendOrder`, `429 LoginUser`, `401 socket`. */
  readonly turnedAway: string[] = [];
  /** Customers whose sockets are open. */
  readonly sockets: string[] = [];
  private readonly codes = new Map<string, string>();
  private readonly logins = new Map<string, { readonly session: Session; readonly code: string }>();
  private readonly sessions = new Map<string, Session>();
  private readonly orders: { readonly reference: string; readonly subAccount: string; readonly row: object }[] = [];
  private readonly lastCall = new Map<string, number>();
  private readonly server: Server;
  private count = 0;

  private constructor(readonly options: KeyedBrokerOptions) {
    this.server = createServer((request, response) => {
      void text(request).then((body) => {
        const { status, answer } = this.take(request, body);
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      });
    });
    const sockets = new WebSocketServer({ noServer: true });
    this.server.on("upgrade", (request, socket, head) => {
      const { authorization = "", apikey, checker: signature } = request.headers;
      const session = this.sessions.get(authorization);
      if (session?.apiKey !== apikey || signature !== socketChecker(session?.apiKey ?? "")) {
        this.turnedAway.push("401 socket");
        socket.destroy();
        return;
      }
      sockets.handleUpgrade(request, socket, head, () => {
        this.sockets.push(session?.customer ?? "");
      });
    });
  }

  static async start(options: KeyedBrokerOptions): Promise<KeyedBroker> {
    const broker = new KeyedBroker(options);
    await new Promise<void>((resolve) => broker.server.listen(0, "127.0.0.1", resolve));
    closeAfterTests(() => broker.close());
    return broker;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  smsCode(customer: string): string | undefined {
    return this.codes.get(customer);
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) =>
      this.server.close(() => {
        resolve();
      }),
    );
  }

  private take(request: IncomingMessage, body: string): { status: number; answer: object } {
    const endpoint = request.url?.split("/").at(-1) ?? "";
    const apiKey = String(request.headers["apikey"]);
    const turnAway = (status: number) => {
      this.turnedAway.push(`${status} ${endpoint}`);
      return { status, answer: { success: false, message: "turned away", content: null } };
    };
    const fields = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const login = endpoint === "LoginUser" || endpoint === "LoginUserControl";
    const session = login ? this.keyHolder(apiKey) : this.sessionOf(request, endpoint, body);
    if (session === undefined) return turnAway(401);
    const { customer } = session;
    const now = performance.now();
    if (now - (this.lastCall.get(customer) ?? -Infinity) < (this.options.intervalMs ?? 0)) return turnAway(429);
    this.lastCall.set(customer, now);
    const given = fields["Subaccount"] ?? fields["subAccount"];
    const subAccount = typeof given === "string" ? given : undefined;
    this.calls.push({ endpoint, customer, subAccount });
    const content = this.answer(endpoint, session, fields, subAccount ?? "");
    return content === undefined
      ? { status: 200, answer: { success: false, message: "refused", content: null } }
      : { status: 200, answer: { success: true, message: "", content } };
  }

  private keyHolder(apiKey: string): Session | undefined {
    const [customer] = Object.entries(this.options.keys).find(([, key]) => key === apiKey) ?? [];
    return customer === undefined ? undefined : { customer, apiKey };
  }

  private sessionOf({ headers }: IncomingMessage, endpoint: string, body: string): Session | undefined {
    const session = this.sessions.get(headers.authorization ?? "");
    if (session === undefined || headers["apikey"] !== session.apiKey) return undefined;
    const signed = checker(session.apiKey, `/api/${endpoint}`, body === "{}" ? "" : body);
    return headers["checker"] === signed ? session : undefined;
  }

  /** @returns undefined for a refusal */
  private answer(
    endpoint: string,
    session: Session,
    fields: Readonly<Record<string, unknown>>,
    subAccount: string,
  ): unknown {
    const { customer, apiKey } = session;
    const secret = (name: string) => decrypt(apiKey, String(fields[name]));
    this.count += 1;
    switch (endpoint) {
      case "LoginUser": {
        if (secret("username") !== customer) return undefined;
        const [token, code] = [`token ${this.count}`, randomInt(100_000, 1_000_000).toString()];
        this.codes.set(customer, code);
        this.logins.set(token, { session, code });
        return { token };
      }
      case "LoginUserControl": {
        const login = this.logins.get(secret("token"));
        if (login?.code !== secret("password")) return undefined;
        this.sessions.set(`hash-${this.count}`, session);
        return { hash: `hash-${this.count}` };
      }
      case "GetSubAccounts":
        return (this.options.subAccounts ?? ["100"]).map((number) => ({ number, tradeLimit: "7248.61" }));
      case "GetEquityInfo":
        return { name: fields["symbol"], flr: "1.000", clg: "1000.000", lst: "10.000", step: "", limit: "0.00" };
      case "TodaysTransaction":
        return this.orders.filter((order) => order.subAccount === subAccount).map(({ row }) => row);
      case "SendOrder":
        return this.order(fields, subAccount);
      case "CashFlow":
        return { t0: "1.00", t1: "1.00", t2: subAccount === "" ? "0" : subAccount };
      case "RiskSimulation":
        return [{ t0: "1.00" }];
      case "InstantPosition":
        return [];
      case "SessionRefresh":
        return true;
      default:
        return undefined;
    }
  }

  private order(fields: Readonly<Record<string, unknown>>, subAccount: string): string {
    const reference = `FO${this.count.toString().padStart(4, "0")}`;
    const day = new Intl.DateTimeFormat("tr-TR", { timeZone: "Europe/Istanbul", dateStyle: "short" }).format();
    const row = {
      atpref: reference,
      ticker: fields["symbol"],
      buysell: fields["direction"] === "BUY" ? "Alış" : "Satış",
      ordersize: fields["lot"],
      remainingsize: fields["lot"],
      fillunit: "0",
      price: "0",
      waitingprice: fields["price"],
      amount: "0",
      transactiontime: `${day} 00:00:00`,
      timetransaction: `${day} 12:00:00`,
      valor: day,
      status: "11101",
      description: "İletildi",
      equityStatusDescription: "WAITING",
      transactionId: `20260101${reference}`,
      timeinforce: "0",
      shortfall: "0",
    };
    this.orders.push({ reference, subAccount, row });
    return `Referans Numaranız: ${reference};0000-2923NR-IET - HISSEOK`;
  }
}
