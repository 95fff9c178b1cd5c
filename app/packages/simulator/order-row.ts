import { formatBrokerTime } from "../algolab/time";
import { formatPrice } from "../bist/price";
import type { Kurus } from "../bist/price";
import { padded, quotientText, trimmed } from "./decimals";
import type { SimulatedOrder } from "./exchange";
import type { Habits } from "./habits";

/** An order as TodaysTransaction lists it. */
export function orderRow(order: SimulatedOrder, habits: Habits): Record<string, string> {
  const decimal = (text: string) => (habits.orderDecimals === "six" ? padded(text, 6) : trimmed(text));
  const amount = (value: Kurus) => decimal(formatPrice(value));
  const received = formatBrokerTime(order.receivedAt);
  const day = received.slice(0, 10);
  const { remainingsize, status, description, equityStatusDescription } = progress(order, habits);
  return {
    atpref: order.reference,
    ticker: order.symbol,
    buysell: order.side === "BUY" ? "Alış" : "Satış",
    ordersize: `${order.quantity}`,
    remainingsize,
    price: order.filled === 0n ? "0" : decimal(averageOf(order, habits)),
    amount: amountOf(order, habits, amount),
    transactiontime: `${day} 00:00:00`,
    timetransaction: received,
    valor: day,
    status,
    waitingprice: order.price === 0n ? marketPrice(order, habits, amount) : amount(order.price),
    description,
    transactionId: order.transactionId,
    equityStatusDescription,
    shortfall: "0",
    timeinforce: habits.timeInForce,
    fillunit: `${order.filled}`,
  };
}

const averageOf = ({ value, filled }: SimulatedOrder, { averageDecimals, averageRounding }: Habits) =>
  quotientText(value, filled * 100n, averageDecimals, averageRounding);

function amountOf(order: SimulatedOrder, habits: Habits, amount: (value: Kurus) => string): string {
  const paid = order.filled > 0n && habits.filledAmount === "paid";
  if (paid || order.price === 0n) return order.filled > 0n ? amount(order.value) : "0";
  return amount(order.quantity * order.price);
}

function marketPrice(order: SimulatedOrder, habits: Habits, amount: (value: Kurus) => string): string {
  return habits.marketWaitingPrice === "limit" ? amount(order.worstPrice) : habits.marketWaitingPrice;
}

type Progress = "remainingsize" | "status" | "description" | "equityStatusDescription";

function progress(order: SimulatedOrder, habits: Habits): Record<Progress, string> {
  const rest = `${order.quantity - order.filled}`;
  const { state, description } = order;
  if (state === "DONE") {
    return { remainingsize: "0", status: "00000", description, equityStatusDescription: "DONE" };
  }
  if (state === "DELETED") return endedProgress(order, habits, rest);
  if (order.pending !== undefined) {
    const [request, asked] =
      order.pending.kind === "delete" ? ["Silme", "DELETE_DEMAND"] : ["İyileştirme", "IMPROVE_DEMAND"];
    return {
      remainingsize: rest,
      status: habits.pendingFlags,
      description: `${request} Talebi Alındı`,
      equityStatusDescription: asked,
    };
  }
  const part = state === "PARTIAL" ? partState(order, habits) : state;
  return {
    remainingsize: rest,
    status: "11101",
    description,
    equityStatusDescription: order.repriced && part === "WAITING" ? "IMPROVE_DEMAND" : part,
  };
}

/** IMPROVE_DEMAND stays after a reprice. */
function partState({ repriced }: SimulatedOrder, { repricedPartState, openPartDescription }: Habits): string {
  if (repriced) return repricedPartState;
  return openPartDescription === "İletildi" ? "WAITING" : "PARTIAL";
}

function endedProgress(order: SimulatedOrder, habits: Habits, rest: string): Record<Progress, string> {
  // What the day's end left as it was.
  if (order.description === "İletildi") {
    return { remainingsize: rest, status: "11101", description: "İletildi", equityStatusDescription: "WAITING" };
  }
  if (order.filled === 0n) {
    return {
      remainingsize: "0",
      status: "00000",
      description: order.description,
      equityStatusDescription: "DELETED",
    };
  }
  const told = habits.endedPartDescription;
  return {
    remainingsize: habits.endedPartRemaining === "zero" ? "0" : rest,
    status: "00000",
    description: told === "Silindi" ? order.description : told,
    equityStatusDescription: habits.endedPartState,
  };
}
