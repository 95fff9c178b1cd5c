import { parseLots } from "../bist/lots";
import { asText, fieldsOf } from "./envelope";

/** One order of today as TodaysTransaction lists it. Amounts are the broker's decimal text. */
export interface BrokerOrder {
  /** The broker's reference, `atpref`. */
  readonly reference: string;
  /** The exchange's own id, `transactionId`. */
  readonly transactionId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  readonly remaining: string;
  /** Average price of what was filled; "0" while nothing is. */
  readonly averagePrice: string;
  /** The price that the order asks for; "0" for a market order. */
  readonly orderPrice: string;
  /** When the broker took it, `dd.MM.yyyy HH:mm:ss` in Istanbul. */
  readonly receivedAt: string;
  readonly state: BrokerOrderState;
  /** `description`, in Turkish: İletildi, Emir Reddedildi, ... */
  readonly description: string;
}

export type Side = "BUY" | "SELL";
export type BrokerOrderState = "OPEN" | "PARTIALLY_FILLED" | "FILLED" | "CANCELLED" | "REJECTED" | "EXPIRED";

/** One holding of InstantPosition, the cash and total rows left out. */
export interface BrokerPosition {
  readonly symbol: string;
  readonly quantity: string;
  /** Average cost of one share. */
  readonly cost: string;
  readonly lastPrice: string;
  readonly marketValue: string;
  readonly profit: string;
}

export interface EquityInfo {
  readonly symbol: string;
  readonly floor: string;
  readonly ceiling: string;
  readonly last: string;
  readonly step: string;
}

export interface CashFlow {
  readonly t0: string;
  readonly t1: string;
  readonly t2: string;
}

/** Reads the rows of an answer by lower-case field name; anything but an array is an answer that cannot be read. */
function rows<T>(content: unknown, read: (field: (name: string) => string) => T): T[] {
  if (!Array.isArray(content)) throw new SyntaxError("expected a list of rows");
  return content.map((row) => read(reader(row)));
}

function reader(row: unknown): (name: string) => string {
  const fields = fieldsOf(row);
  if (fields === undefined) throw new SyntaxError("expected an object");
  return (name) => asText(fields.get(name)).trim();
}

export function parseBrokerOrders(content: unknown): BrokerOrder[] {
  return rows(content, (field) => {
    const order = {
      reference: field("atpref"),
      transactionId: field("transactionid"),
      symbol: field("ticker"),
      side: parseSide(field("buysell")),
      quantity: field("ordersize"),
      remaining: field("remainingsize"),
      averagePrice: field("price"),
      orderPrice: field("waitingprice"),
      receivedAt: field("timetransaction") || field("transactiontime"),
      description: field("description"),
    };
    if (order.reference === "" || order.symbol === "") throw new SyntaxError("an order has atpref and ticker");
    return { ...order, state: stateOf(field("equitystatusdescription"), order) };
  });
}

export function parseSide(text: string): Side {
  if (/^(alış|buy|b)$/i.test(text)) return "BUY";
  if (/^(satış|sell|s)$/i.test(text)) return "SELL";
  throw new SyntaxError(`"${text}" is not a side; expected Alış or Satış`);
}

/** The broker splits what happened over two fields; together they say it. */
function stateOf(
  status: string,
  order: { quantity: string; remaining: string; description: string },
): BrokerOrderState {
  const filled = parseLots(order.quantity) > parseLots(order.remaining);
  if (status === "DONE") return "FILLED";
  if (status === "DELETED") {
    if (order.description === "Emir Reddedildi") return "REJECTED";
    return order.description === "KIE Emri Silindi" || order.description === "KPY Emri Silindi"
      ? "EXPIRED"
      : "CANCELLED";
  }
  if (["WAITING", "PARTIAL", "IMPROVE_DEMAND", "DELETE_DEMAND"].includes(status)) {
    return filled ? "PARTIALLY_FILLED" : "OPEN";
  }
  throw new SyntaxError(
    `"${status}" is not a status of an order; expected WAITING, DONE, PARTIAL, DELETED or a demand`,
  );
}

export function parsePositions(content: unknown): BrokerPosition[] {
  return rows(content, (field) => ({
    type: field("type"),
    symbol: field("code"),
    quantity: field("totalstock"),
    cost: field("cost"),
    lastPrice: field("unitprice"),
    marketValue: field("totalamount"),
    profit: field("profit"),
  }))
    .filter(({ type, symbol }) => type === "CH" && symbol !== "-")
    .map(({ type: _type, ...position }) => position);
}

export function parseEquityInfo(content: unknown): EquityInfo {
  const field = reader(content);
  return {
    symbol: field("name"),
    floor: field("flr"),
    ceiling: field("clg"),
    last: field("lst"),
    step: field("step"),
  };
}

export function parseCashFlow(content: unknown): CashFlow {
  const field = reader(content);
  return { t0: field("t0"), t1: field("t1"), t2: field("t2") };
}

/** Every figure of RiskSimulation by its name in lower case. */
export function parseRisk(content: unknown): Record<string, string> {
  const row: unknown = Array.isArray(content) ? content[0] : content;
  const fields = fieldsOf(row);
  if (fields === undefined) throw new SyntaxError("expected an object");
  return Object.fromEntries([...fields].map(([name, value]) => [name, asText(value)]));
}
