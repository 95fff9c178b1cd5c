import { parseAccountStatement } from "./account-statement";
import type { AccountStatement } from "./account-statement";
import { acknowledgementOf, textsOf } from "./acknowledgement";
import { parseBrokerOrders } from "./broker-order";
import type { BrokerOrder, Side } from "./broker-order";
import { encrypt } from "./crypto";
import { asText, fieldsOf } from "./envelope";
import type { Envelope } from "./envelope";
import { AlgolabError } from "./errors";
import * as messages from "./messages";
import { mayAcknowledge, orderReference } from "./order-reference";
import { istanbulIso } from "./time";
import { Transport } from "./transport";
import type { TransportOptions } from "./transport";

/** An order as the broker takes it: limit or market, valid for the day; it knows no client order id. */
export interface OrderTicket {
  readonly symbol: string;
  readonly side: Side;
  /** Lira as decimal text; undefined makes it a market order. */
  readonly limitPrice: string | undefined;
  /** Whole lots as text. */
  readonly quantity: string;
  /** "" for the only sub-account. */
  readonly subAccount: string;
}

/** Logs a customer in: a password gets a token and an SMS, the SMS code gets the session. */
export class AlgolabLogin {
  private readonly transport: Transport;

  constructor(readonly options: TransportOptions) {
    this.transport = new Transport(options);
  }

  /** Asks for an SMS code. @returns the token that `confirm` needs */
  async start(username: string, password: string): Promise<string> {
    const { apiKey } = this.options;
    const body = { username: encrypt(apiKey, username), password: encrypt(apiKey, password) };
    return this.field("LoginUser", body, "token");
  }

  /** Ends the login with the code from the SMS. @returns the session's hash */
  async confirm(token: string, code: string): Promise<string> {
    const { apiKey } = this.options;
    const body = { token: encrypt(apiKey, token), password: encrypt(apiKey, code) };
    const hash = await this.field("LoginUserControl", body, "hash");
    // Every call of the session carries it in a header.
    if (!/^[\x21-\x7e]+$/.test(hash)) {
      throw new AlgolabError("UNREADABLE", "LoginUserControl", "the hash is none that a header can carry");
    }
    return hash;
  }

  private async field(endpoint: string, body: Readonly<Record<string, string>>, name: string): Promise<string> {
    return this.transport.call(endpoint, body, ({ content }) => {
      const value = asText(fieldsOf(content)?.get(name));
      if (value === "") throw new AlgolabError("REFUSED", endpoint, `the answer has no ${name}`);
      return value;
    });
  }
}

/** The calls of one logged-in session. Each is one request; spacing them is the caller's, with a `RequestQueue`. */
export class AlgolabSession {
  private readonly transport: Transport;
  private readonly hash: string;

  constructor(options: TransportOptions, hash: string) {
    this.transport = new Transport(options);
    this.hash = hash;
  }

  /** Keeps the session alive. @throws AlgolabError SESSION_EXPIRED */
  async refresh(): Promise<void> {
    await this.call("SessionRefresh", {}, () => undefined);
  }

  async subAccounts(): Promise<messages.SubAccount[]> {
    return this.content("GetSubAccounts", {}, messages.parseSubAccounts);
  }

  async equityInfo(symbol: string): Promise<messages.EquityInfo> {
    return this.content("GetEquityInfo", { symbol }, messages.parseEquityInfo);
  }

  async positions(subAccount: string): Promise<messages.BrokerPosition[]> {
    return this.content("InstantPosition", { Subaccount: subAccount }, messages.parsePositions);
  }

  async todaysOrders(subAccount: string): Promise<BrokerOrder[]> {
    return this.content("TodaysTransaction", { Subaccount: subAccount }, parseBrokerOrders);
  }

  async cashFlow(subAccount: string): Promise<messages.CashFlow> {
    return this.content("CashFlow", { Subaccount: subAccount }, messages.parseCashFlow);
  }

  async risk(subAccount: string): Promise<Record<string, string>> {
    return this.content("RiskSimulation", { Subaccount: subAccount }, messages.parseRisk);
  }

  /** What moved in the account from one instant to the other. */
  async statement(from: Date, until: Date, subAccount: string): Promise<AccountStatement> {
    const body = { start: istanbulIso(from), end: istanbulIso(until), Subaccount: subAccount };
    return this.content("AccountExtre", body, parseAccountStatement);
  }

  /** The last 250 bars. Disputed whether the broker answers it for everybody. @param periodMinutes 1, 2, 5, 10, 15, 30, 60, ... */
  async candles(symbol: string, periodMinutes: number): Promise<messages.BrokerCandle[]> {
    return this.content("GetCandleData", { symbol, period: periodMinutes.toString() }, messages.parseCandles);
  }

  /**
   * Sends an order, once: the broker cannot recognise a repetition, so a caller never repeats this call on its own.
   * @returns the broker's reference
   * @throws AlgolabError REFUSED with the broker's text, also where that came as `success: true` without a reference
   */
  async sendOrder({ symbol, side, limitPrice, quantity, subAccount }: OrderTicket): Promise<string> {
    const body = {
      symbol,
      direction: side,
      pricetype: limitPrice === undefined ? "piyasa" : "limit",
      price: limitPrice ?? "",
      lot: quantity,
      sms: false,
      email: false,
      subAccount,
    };
    const isRefusal = (answer: Envelope) => !textsOf(answer).some(mayAcknowledge);
    const read = (answer: Envelope) => {
      // Documented as text in the content; ModifyOrder and DeleteOrder are too, and really answer an object.
      const reference = textsOf(answer)
        .map(orderReference)
        .find((found) => found !== undefined);
      if (reference !== undefined) return reference;
      const acknowledgement = acknowledgementOf(answer);
      if (acknowledgement.outcome === "refused" && isRefusal(answer)) {
        throw new AlgolabError("REFUSED", "SendOrder", acknowledgement.text);
      }
      // A word of success without a reference may be an order that lives.
      throw new SyntaxError("neither a reference nor a refusal");
    };
    return this.transport.call("SendOrder", body, read, this.hash, isRefusal);
  }

  /**
   * Asks for another price of an equity order; the quantity cannot be changed. Whether it was done, the list says.
   * @throws AlgolabError REFUSED with any text but the known ones, also under `success: true`
   */
  async modifyOrder(reference: string, limitPrice: string, subAccount: string): Promise<void> {
    await this.acknowledged("ModifyOrder", { id: reference, price: limitPrice, lot: "", viop: false, subAccount });
  }

  /** Asks for an order's end. Whether it was done, the list says. @throws AlgolabError as `modifyOrder` */
  async deleteOrder(reference: string, subAccount: string): Promise<void> {
    await this.acknowledged("DeleteOrder", { id: reference, subAccount });
  }

  private acknowledged(endpoint: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    return this.call(endpoint, body, (answer) => {
      const acknowledgement = acknowledgementOf(answer);
      if (acknowledgement.outcome === "refused") throw new AlgolabError("REFUSED", endpoint, acknowledgement.text);
      if (acknowledgement.outcome === "unreadable") throw new SyntaxError("neither an acknowledgement nor a refusal");
    });
  }

  private call<T>(
    endpoint: string,
    body: Readonly<Record<string, unknown>>,
    read: (answer: Envelope) => T,
  ): Promise<T> {
    return this.transport.call(endpoint, body, read, this.hash);
  }

  private content<T>(
    endpoint: string,
    body: Readonly<Record<string, string>>,
    parse: (content: unknown) => T,
  ): Promise<T> {
    return this.call(endpoint, body, ({ content }) => parse(content));
  }
}
