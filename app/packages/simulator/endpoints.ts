import { decrypt } from "../algolab/crypto";
import { asText, fieldsOf } from "../algolab/envelope";
import { formatOrderReference } from "../algolab/order-reference";
import { formatBrokerTime, istanbulIso } from "../algolab/time";
import { parseLots } from "../bist/lots";
import { formatPrice, parsePrice } from "../bist/price";
import type { Kurus } from "../bist/price";
import { tickSizeAt } from "../bist/tick-sizes";
import { Refusal } from "./exchange";
import type { Exchange, SimulatedOrder } from "./exchange";
import type { Sessions } from "./sessions";

export interface Call {
  /** The customer of the session; "" for the two calls of the login. */
  readonly customer: string;
  readonly field: (name: string) => string;
}

export interface Broker {
  readonly apiKey: string;
  readonly exchange: Exchange;
  readonly sessions: Sessions;
}

type Endpoint = (broker: Broker, call: Call) => unknown;

/** Fields of a request body, whatever the case of their names. */
export function fieldReader(body: unknown): (name: string) => string {
  const fields = fieldsOf(body);
  return (name) => asText(fields?.get(name));
}

/** The calls that need no session. @throws Refusal */
export const loginEndpoints: Readonly<Record<string, Endpoint>> = {
  LoginUser: ({ apiKey, sessions }, { field }) => {
    const token = sessions.start(decrypted(apiKey, field("username")), decrypted(apiKey, field("password")));
    if (token === undefined) throw new Refusal("Kullanıcı adı veya şifre hatalı.");
    return { token };
  },
  LoginUserControl: ({ apiKey, sessions }, { field }) => {
    const hash = sessions.confirm(decrypted(apiKey, field("token")), decrypted(apiKey, field("password")));
    if (hash === undefined) throw new Refusal("Doğrulama kodu hatalı.");
    return { hash };
  },
};

/** The calls of a session. A refused order still answers `success: true`, with the refusal as its content. */
export const sessionEndpoints: Readonly<Record<string, Endpoint>> = {
  SessionRefresh: () => true,
  GetSubAccounts: ({ exchange }, { customer }) => [
    { number: "100", tradeLimit: formatPrice(exchange.account(customer).cash) },
  ],
  GetEquityInfo: ({ exchange }, { field }) => {
    const share = exchange.market.shares.get(field("symbol"));
    if (share === undefined) throw new Refusal("Sembol bulunamadı.SymbolNotFound");
    const { bid, ask } = exchange.market.quote(share);
    return {
      name: share.symbol,
      flr: formatPrice(share.limits.floor),
      clg: formatPrice(share.limits.ceiling),
      ask: formatPrice(ask),
      bid: formatPrice(bid),
      lst: formatPrice(share.last),
      limit: "",
      min: "",
      max: "",
      step: formatPrice(tickSizeAt(share.last)),
    };
  },
  InstantPosition: ({ exchange }, { customer }) => positionRows(exchange, customer),
  RiskSimulation: ({ exchange }, { customer }) => {
    const { cash, holdings } = exchange.account(customer);
    const stock = [...holdings].reduce(
      (sum, [symbol, { quantity }]) => sum + quantity * lastPrice(exchange, symbol),
      0n,
    );
    const days = ["t0", "t1", "t2"].flatMap((day): [string, string][] => [
      [day, formatPrice(cash)],
      [`${day}stock`, formatPrice(stock)],
      [`${day}equity`, formatPrice(cash + stock)],
      [`${day}overall`, formatPrice(cash + stock)],
      [`${day}capitalrate`, "100"],
    ]);
    return [{ ...Object.fromEntries(days), netoverall: formatPrice(cash + stock), shortfalllimit: "0", credit0: "0" }];
  },
  TodaysTransaction: ({ exchange }, { customer }) => exchange.ordersOf(customer).map(orderRow),
  SendOrder: ({ exchange }, { customer, field }) => {
    try {
      const order = exchange.place(customer, {
        symbol: field("symbol"),
        side: sideOf(field("direction")),
        price: field("pricetype") === "limit" ? amountOf(field("price")) : undefined,
        quantity: lotsOf(field("lot")),
      });
      return formatOrderReference(order.reference, order.transactionId);
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
  },
  ModifyOrder: ({ exchange }, { customer, field }) => {
    exchange.modify(customer, field("id"), amountOf(field("price")));
    return "IYILESOK";
  },
  DeleteOrder: ({ exchange }, { customer, field }) => {
    exchange.cancel(customer, field("id"));
    return "Success";
  },
  CashFlow: ({ exchange }, { customer }) => {
    const cash = formatPrice(exchange.account(customer).cash);
    return { t0: cash, t1: cash, t2: cash };
  },
  AccountExtre: ({ exchange }, { customer, field }) => {
    const [start, end] = [istanbulTime(field("start")), istanbulTime(field("end"))];
    return {
      accountextre: exchange
        .account(customer)
        .statement.filter(({ at }) => at >= start && at <= end)
        .map(({ at, explanation, debit, credit, balance }) => ({
          transdate: istanbulIso(at),
          explanation,
          debit: formatPrice(debit),
          credit: formatPrice(credit),
          balance: formatPrice(balance),
          valuedate: istanbulIso(at),
        })),
      viopextre: [],
    };
  },
};

function positionRows(exchange: Exchange, customer: string): Record<string, string>[] {
  const { cash, holdings } = exchange.account(customer);
  const shares = [...holdings].map(([symbol, { quantity, cost }]) => {
    const price = lastPrice(exchange, symbol);
    return {
      code: symbol,
      type: "CH",
      totalstock: `${quantity}.000000`,
      cost: formatPrice(cost / quantity),
      maliyet: formatPrice(cost / quantity),
      unitprice: formatPrice(price),
      totalamount: formatPrice(quantity * price),
      tlamaount: formatPrice(quantity * price),
      profit: formatPrice(quantity * price - cost),
      explanation: symbol,
      total: "",
    };
  });
  const money = { code: "TRY", type: "CA", totalstock: formatPrice(cash), totalamount: formatPrice(cash) };
  return [...shares, money, { code: "-", type: "CH", totalstock: "", totalamount: "", explanation: "total" }];
}

function orderRow(order: SimulatedOrder): Record<string, string> {
  const average = order.filled === 0n ? "0" : sixDecimals(order.value, order.filled);
  const open = order.state === "WAITING" || order.state === "PARTIAL";
  return {
    atpref: order.reference,
    ticker: order.symbol,
    buysell: order.side === "BUY" ? "Alış" : "Satış",
    ordersize: `${order.quantity}`,
    remainingsize: `${order.quantity - order.filled}`,
    price: average,
    amount: formatPrice(order.value),
    transactiontime: formatBrokerTime(order.receivedAt),
    timetransaction: formatBrokerTime(order.receivedAt),
    valor: "",
    status: open ? "11101" : "00000",
    waitingprice: formatPrice(order.price),
    description: order.description,
    transactionId: order.transactionId,
    equityStatusDescription: order.state,
    shortfall: "0",
    timeinforce: "",
    fillunit: `${order.filled}`,
  };
}

/** A quotient of kuruş and shares in lira with six decimals, cut off. */
function sixDecimals(value: Kurus, quantity: bigint): string {
  const millionths = ((value * 10_000n) / quantity).toString().padStart(7, "0");
  return `${millionths.slice(0, -6)}.${millionths.slice(-6)}`;
}

function lastPrice(exchange: Exchange, symbol: string): Kurus {
  return exchange.market.shares.get(symbol)?.last ?? 0n;
}

function decrypted(apiKey: string, text: string): string {
  try {
    return decrypt(apiKey, text);
  } catch {
    throw new Refusal("Şifreleme hatalı.InvalidEncryption");
  }
}

function sideOf(direction: string): "BUY" | "SELL" {
  if (direction === "BUY" || direction === "SELL") return direction;
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
    throw new Refusal("Emir miktarı hatalı.InvalidQuantity");
  }
}

function istanbulTime(text: string): Date {
  const time = new Date(`${text.slice(0, 19)}+03:00`);
  if (Number.isNaN(time.getTime())) throw new Refusal("Tarih hatalı.InvalidDate");
  return time;
}
