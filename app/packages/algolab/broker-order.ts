import { parseLots } from "../bist/lots";
import type { Lots } from "../bist/lots";
import { parsePrice } from "../bist/price";
import type { Kurus } from "../bist/price";
import { fold } from "./fold";
import { decimalText, instrumentCode, readRows } from "./reading";
import type { ReadRow, RowReader } from "./reading";
import { parseBrokerTime } from "./time";

export type Side = "BUY" | "SELL";

/** How far an order has come; a part fill that ended is CANCELLED or EXPIRED. */
export type BrokerOrderProgress = "OPEN" | "FILLED" | "CANCELLED" | "EXPIRED" | "REJECTED";

/** One order of today as TodaysTransaction lists it. What cannot be read is undefined, and named in `problems`. */
export interface BrokerOrder extends ReadRow {
  /** The broker's reference, `atpref`. */
  readonly reference: string | undefined;
  /** The exchange's own id, `transactionId`; "" where there is none. */
  readonly transactionId: string;
  readonly symbol: string | undefined;
  readonly side: Side | undefined;
  /** `ordersize`. */
  readonly quantity: Lots | undefined;
  /** `fillunit`: the only field that says what was filled, for `remainingsize` is 0 on every order that ended. */
  readonly filled: Lots | undefined;
  /** `price`: the average of the fills, rounded by the broker; "0" while nothing is filled. */
  readonly averagePrice: string | undefined;
  /** `waitingprice`: the price that the order asks for; 0 for a market order. */
  readonly orderPrice: Kurus | undefined;
  /** `timetransaction`, to the second. */
  readonly receivedAt: Date | undefined;
  readonly progress: BrokerOrderProgress | undefined;
  /** `description`, in Turkish: İletildi, Emir Reddedildi, ... */
  readonly description: string;
}

export function parseBrokerOrders(content: unknown): BrokerOrder[] {
  return readRows(content, brokerOrder);
}

function brokerOrder(row: RowReader): BrokerOrder {
  const quantity = row.field("ordersize", parseLots);
  const filled = row.field("fillunit", parseLots);
  return {
    reference: row.field("atpref", someText),
    transactionId: row.text("transactionid"),
    symbol: row.field("ticker", instrumentCode),
    side: row.field("buysell", sideOf),
    quantity,
    filled,
    averagePrice: row.field("price", (text) => decimalText(text || "0")),
    orderPrice: row.field("waitingprice", (text) => parsePrice(text || "0")),
    receivedAt: row.field("timetransaction", parseBrokerTime),
    progress: row.field("description", (description) =>
      progressOf(
        { description, flags: row.text("status"), state: row.text("equitystatusdescription") },
        quantity,
        filled,
      ),
    ),
    description: row.text("description"),
    problems: row.problems,
  };
}

const someText = (text: string): string | undefined => text || undefined;

const sides: Readonly<Record<string, Side>> = {
  alis: "BUY",
  buy: "BUY",
  b: "BUY",
  satis: "SELL",
  sell: "SELL",
  s: "SELL",
};

/** Undefined for other words, such as those of short sales. */
export function sideOf(text: string): Side | undefined {
  return sides[fold(text)];
}

/** Descriptions of an order on which nothing more happens; "Gerçekleşti" of a part is an end as well. */
const endings: Readonly<Record<string, Exclude<BrokerOrderProgress, "OPEN">>> = {
  gerceklesti: "CANCELLED",
  "kismi gerceklesti": "CANCELLED",
  silindi: "CANCELLED",
  "kie emri silindi": "EXPIRED",
  "kpy emri silindi": "EXPIRED",
  "emir reddedildi": "REJECTED",
};

/** Descriptions of an order that is alive; "… Talebi Alındı" is any request that waits. */
const alive =
  /^(iletildi|iyilestirildi|emir bekliyor|kismi gerceklesti|silme reddedildi|iyilestirme reddedildi|.+ talebi alindi)$/;
const noFlags = "00000";

const requestStates: Readonly<Record<string, "CANCEL_REFUSED" | "MODIFY_REFUSED">> = {
  "silme reddedildi": "CANCEL_REFUSED",
  "iyilestirme reddedildi": "MODIFY_REFUSED",
};

/** What a description says of the last request to change its order: refused, or still waiting (`… Talebi Alındı`). */
export function requestState(description: string): "CANCEL_REFUSED" | "MODIFY_REFUSED" | "WAITING" | undefined {
  const text = fold(description);
  return requestStates[text] ?? (text.endsWith(" talebi alindi") ? "WAITING" : undefined);
}

interface Said {
  readonly description: string;
  /** Five of 0 or 1: what may still be asked of the order. */
  readonly flags: string;
  /** `equityStatusDescription`. */
  readonly state: string;
}

/**
 * An order has ended by its flags and its description together: descriptions lag, and IMPROVE_DEMAND stays after a
 * reprice. Where the flags are not there, by what description and state agree on. @returns undefined when it cannot be told
 */
function progressOf(said: Said, quantity: Lots | undefined, filled: Lots | undefined): BrokerOrderProgress | undefined {
  if (quantity !== undefined && quantity > 0n && filled === quantity) return "FILLED";
  const description = fold(said.description);
  const ending = endings[description];
  const hasFlags = /^[01]{5}$/.test(said.flags);
  const ended = hasFlags ? said.flags === noFlags : ["DONE", "DELETED"].includes(said.state.toUpperCase());
  if (ending !== undefined && ended) return ending;
  return ending !== undefined || alive.test(description) ? "OPEN" : undefined;
}
