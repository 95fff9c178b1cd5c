import { encrypt } from "./crypto";
import { asText, fieldsOf } from "./envelope";
import { AlgolabError } from "./errors";
import * as messages from "./messages";
import { orderReference } from "./order-reference";
import { Transport } from "./transport";
import type { TransportOptions } from "./transport";

/** An order as the broker takes it: limit or market, valid for the day; it knows no client order id. */
export interface OrderTicket {
  readonly symbol: string;
  readonly side: messages.Side;
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
    return this.field("LoginUserControl", { token: encrypt(apiKey, token), password: encrypt(apiKey, code) }, "hash");
  }

  private async field(endpoint: string, body: Readonly<Record<string, string>>, name: string): Promise<string> {
    const value = asText(fieldsOf(await this.transport.call(endpoint, body))?.get(name));
    if (value === "") throw new AlgolabError("REFUSED", endpoint, `the answer has no ${name}`);
    return value;
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
    await this.call("SessionRefresh", {});
  }

  async equityInfo(symbol: string): Promise<messages.EquityInfo> {
    return this.read("GetEquityInfo", { symbol }, messages.parseEquityInfo);
  }

  async positions(subAccount: string): Promise<messages.BrokerPosition[]> {
    return this.read("InstantPosition", { Subaccount: subAccount }, messages.parsePositions);
  }

  async todaysOrders(subAccount: string): Promise<messages.BrokerOrder[]> {
    return this.read("TodaysTransaction", { Subaccount: subAccount }, messages.parseBrokerOrders);
  }

  async cashFlow(subAccount: string): Promise<messages.CashFlow> {
    return this.read("CashFlow", { Subaccount: subAccount }, messages.parseCashFlow);
  }

  async risk(subAccount: string): Promise<Record<string, string>> {
    return this.read("RiskSimulation", { Subaccount: subAccount }, messages.parseRisk);
  }

  /**
   * Sends an order, once: the broker cannot recognise a repetition, so a caller never repeats this call on its own.
   * @returns the broker's reference
   * @throws AlgolabError REFUSED with the broker's text, also where that came as `success: true` without a reference
   */
  async sendOrder({ symbol, side, limitPrice, quantity, subAccount }: OrderTicket): Promise<string> {
    const content = await this.call("SendOrder", {
      symbol,
      direction: side,
      pricetype: limitPrice === undefined ? "piyasa" : "limit",
      price: limitPrice ?? "",
      lot: quantity,
      sms: false,
      email: false,
      subAccount,
    });
    const reference = orderReference(content);
    if (reference !== undefined) return reference;
    if (typeof content === "string" && content !== "") throw new AlgolabError("REFUSED", "SendOrder", content);
    throw new AlgolabError("UNOBSERVED", "SendOrder", "the answer has neither a reference nor a refusal");
  }

  /** Changes the price of an equity order; the quantity cannot be changed. */
  async modifyOrder(reference: string, limitPrice: string, subAccount: string): Promise<void> {
    await this.call("ModifyOrder", { id: reference, price: limitPrice, lot: "", viop: false, subAccount });
  }

  async deleteOrder(reference: string, subAccount: string): Promise<void> {
    await this.call("DeleteOrder", { id: reference, subAccount });
  }

  private call(endpoint: string, body: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.transport.call(endpoint, body, this.hash);
  }

  private async read<T>(
    endpoint: string,
    body: Readonly<Record<string, string>>,
    parse: (content: unknown) => T,
  ): Promise<T> {
    const content = await this.call(endpoint, body);
    try {
      return parse(content);
    } catch (cause) {
      throw new AlgolabError("UNOBSERVED", endpoint, "an answer of another shape than documented", { cause });
    }
  }
}
