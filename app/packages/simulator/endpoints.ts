import { decrypt } from "../algolab/crypto";
import { formatOrderReference } from "../algolab/order-reference";
import { parseLots } from "../bist/lots";
import { formatPrice, parsePrice } from "../bist/price";
import type { Kurus } from "../bist/price";
import { acknowledged, failed, refused, Status, succeeded } from "./answer";
import type { Answer } from "./answer";
import { candlePeriods, candlesOf } from "./candles";
import { padded } from "./decimals";
import { Refusal } from "./exchange";
import type { Exchange } from "./exchange";
import type { Habits } from "./habits";
import { orderRow } from "./order-row";
import { positionRows, valueOf } from "./position-rows";
import type { Sessions } from "./sessions";
import { statementRows } from "./statement-rows";

export interface Call {
  /** The customer of the session; for the calls of a login, whose login it is. */
  readonly customer: string;
  readonly apiKey: string;
  /** Whether a fault says that the order or request is to be refused. */
  readonly isRefused: boolean;
  /** @param name in lower case */
  readonly field: (name: string) => string;
}

export interface Broker {
  readonly exchange: Exchange;
  readonly sessions: Sessions;
  readonly habits: () => Habits;
  /** Time of the market. */
  readonly now: () => Date;
}

type Endpoint = (broker: Broker, call: Call) => Answer;

/** The calls that need no session. @throws Refusal */
export const loginEndpoints: Readonly<Record<string, Endpoint>> = {
  LoginUser: ({ sessions }, { apiKey, field }) => {
    const token = sessions.start(decrypted(apiKey, field("username")), decrypted(apiKey, field("password")));
    if (token === undefined) throw new Refusal("Kullanıcı adı veya şifre hatalı.");
    return succeeded({ token });
  },
  LoginUserControl: ({ sessions }, { apiKey, field }) => {
    const hash = sessions.confirm(decrypted(apiKey, field("token")), decrypted(apiKey, field("password")));
    if (hash === undefined) throw new Refusal("Doğrulama kodu hatalı.");
    return succeeded({ hash });
  },
};

/** Whose login a call is part of; "" where that cannot be told. */
export function loginCustomer(
  { sessions }: Broker,
  endpoint: string,
  { apiKey, field }: Omit<Call, "customer">,
): string {
  try {
    return endpoint === "LoginUser"
      ? decrypt(apiKey, field("username"))
      : (sessions.pendingCustomer(decrypt(apiKey, field("token"))) ?? "");
  } catch {
    return "";
  }
}

/** The calls of a session. @throws Refusal, Status */
export const sessionEndpoints: Readonly<Record<string, Endpoint>> = {
  SessionRefresh: () => succeeded(true),
  GetSubAccounts: ({ exchange }, { customer }) =>
    succeeded(
      exchange.options.subAccounts.map((number) => ({
        number,
        tradeLimit: formatPrice(exchange.account(customer, number).cash),
      })),
    ),
  GetEquityInfo: ({ exchange, habits }, { field }) => {
    const share = exchange.market.shares.get(field("symbol"));
    if (share === undefined) throw new Refusal("Sembol bulunamadı.SymbolNotFound");
    const { bid, ask } = exchange.market.quote(share);
    const price = (value: Kurus) => padded(formatPrice(value), 3);
    const limit = (value: Kurus) => (share.hasLimits ? price(value) : habits().noLimits);
    return succeeded({
      name: share.symbol,
      flr: limit(share.limits.floor),
      clg: limit(share.limits.ceiling),
      ask: price(ask),
      bid: price(bid),
      lst: price(share.last),
      limit: "0.00",
      min: "",
      max: "",
      step: "",
    });
  },
  InstantPosition: ({ exchange, habits }, call) =>
    succeeded(positionRows(accountOf(exchange, call), exchange.market, habits())),
  RiskSimulation: ({ exchange, habits }, call) => {
    const account = accountOf(exchange, call);
    const stock = valueOf(account, exchange.market);
    const days = ["t0", "t1", "t2"].flatMap((day): [string, string][] => [
      [day, formatPrice(account.cash)],
      [`${day}stock`, formatPrice(stock)],
      [`${day}equity`, formatPrice(stock)],
      [`${day}overall`, formatPrice(account.cash + stock)],
      [`${day}capitalrate`, "100"],
    ]);
    const figures = {
      ...Object.fromEntries(days),
      netoverall: formatPrice(stock),
      shortfalllimit: "0",
      credit0: "0",
    };
    return succeeded(habits().riskForm === "list" ? [figures] : figures);
  },
  TodaysTransaction: ({ exchange, habits }, { customer, field }) =>
    succeeded(exchange.list(customer, field("subaccount")).map((order) => orderRow(order, habits()))),
  SendOrder: ({ exchange, habits }, { customer, isRefused, field }) => {
    try {
      if (isRefused) throw new Refusal("İşlem reddedildi.OrderRejected");
      const ticket = {
        symbol: field("symbol"),
        side: sideOf(field("direction")),
        price: field("pricetype") === "limit" ? amountOf(field("price")) : undefined,
        quantity: lotsOf(field("lot")),
      };
      const order = exchange.place(customer, ticket, field("subaccount"));
      return succeeded(formatOrderReference(order.reference, order.transactionId));
    } catch (error) {
      return refused(error, habits().orderRefusal, (text) => text);
    }
  },
  ModifyOrder: (broker, call) =>
    requested(broker, "IYILESOK", () => {
      const { customer, field } = call;
      if (call.isRefused) broker.exchange.refuseRequest(customer, field("id"), "reprice", field("subaccount"));
      else broker.exchange.modify(customer, field("id"), amountOf(field("price")), field("subaccount"));
    }),
  DeleteOrder: (broker, call) =>
    requested(broker, "Success", () => {
      const { customer, field } = call;
      if (call.isRefused) broker.exchange.refuseRequest(customer, field("id"), "delete", field("subaccount"));
      else broker.exchange.cancel(customer, field("id"), field("subaccount"));
    }),
  CashFlow: ({ exchange, habits }, call) => {
    const cash = formatPrice(accountOf(exchange, call).cash);
    return succeeded({ t0: cash, t1: cash, t2: cash }, habits().readMessage);
  },
  AccountExtre: ({ exchange, habits, now }, call) => {
    const [start, end] = [istanbulTime(call.field("start")), istanbulTime(call.field("end"))];
    const accountextre = statementRows(accountOf(exchange, call), start, end, now(), habits());
    return succeeded({ accountextre, viopextre: [dashes(futuresStatement)] }, habits().readMessage);
  },
  GetCandleData: ({ exchange, habits, now }, { field }) => {
    const { candles, candleDates } = habits();
    if (candles === "404" || candles === "401") {
      throw new Status({ status: Number(candles) as 401 | 404, message: "no endpoint GetCandleData" });
    }
    const share = exchange.market.shares.get(field("symbol"));
    const period = Number(field("period"));
    if (candles === "refuses" || share === undefined || !candlePeriods.includes(period)) {
      return failed("Veri bulunamadı.DataNotFound");
    }
    return succeeded(candlesOf(share, period, now(), candleDates === "offset"));
  },
  GetEquityOrderHistory: (broker) => history(broker),
  GetViopOrderHistory: (broker) => history(broker),
  ViopCustomerOverall: () => succeeded([dashes(futuresOverall)]),
  ViopCustomerTransactions: () => succeeded([dashes(futuresOverall)]),
  ViopCollateralInfo: () => succeeded([Object.fromEntries(collateral.map((name) => [name, "0"]))]),
};

/** The broker's histories of orders answer no one, though the session lives. */
function history({ habits }: Broker): never {
  throw new Status({ status: Number(habits().orderHistory) as 401 | 404, message: "no history of orders" });
}

function requested({ habits }: Broker, word: string, request: () => void): Answer {
  const { requestRefusal, acknowledgementContent } = habits();
  try {
    request();
    return acknowledged(word, habits());
  } catch (error) {
    return refused(error, requestRefusal, (message) =>
      acknowledgementContent === "text" ? message : { message, duration: "-" },
    );
  }
}

const accountOf = (exchange: Exchange, { customer, field }: Call) => exchange.account(customer, field("subaccount"));

const futuresOverall =
  `contract contractname shortlong units putcall shortbalance longbalance openpositiontotal exerciseunits
  waitingexerciseunits unitnominal totalcost profit profitloss dailyprofitloss potprofit fininstid`.split(/\s+/);
const futuresStatement = "shortlong transactiondate contract credit debit units price balance currency".split(" ");
const collateral =
  `sumcustody sumorganization sumcustodycalc sumorganizationcalc noncash noncashorg sumscanvalue sumspreadvalue
  sumshortoptionminimum scanrisk availablenetoption waitingpremium deliverychange maintanancerequirements
  initialrequirements requiredcollateral instantprofitloss freecoll usablecoll risklevel custodymargincallamount`.split(
    /\s+/,
  );

/** The row that the broker sends where there is nothing. */
function dashes(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, "-"]));
}

function decrypted(apiKey: string, text: string): string {
  try {
    return decrypt(apiKey, text);
  } catch {
    throw new Refusal("Şifreleme hatalı.InvalidEncryption");
  }
}

/** Clients send `BUY` and `Buy`. */
function sideOf(direction: string): "BUY" | "SELL" {
  const side = direction.toUpperCase();
  if (side === "BUY" || side === "SELL") return side;
  throw new Refusal("Emir yönü hatalı.InvalidDirection");
}

function amountOf(text: string): Kurus {
  try {
    return parsePrice(text);
  } catch {
    throw new Refusal("Fiyat hatalı.InvalidPrice");
  }
}

function lotsOf(text: string): bigint {
  try {
    return parseLots(text);
  } catch {
    throw new Refusal("Emir miktarı hatalı.InvalidUnitsInvalidUnits");
  }
}

/** ISO, with an offset or in Istanbul's time. */
function istanbulTime(text: string): Date {
  const time = new Date(/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text.slice(0, 19)}+03:00`);
  if (Number.isNaN(time.getTime())) throw new Refusal("Tarih hatalı.InvalidDate");
  return time;
}
