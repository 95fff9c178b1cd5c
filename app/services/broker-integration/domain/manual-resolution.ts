import { Decimal } from "decimal.js";
import { istanbulDate } from "../../../packages/bist/calendar";
import type { Lots } from "../../../packages/bist/lots";
import { formatPrice } from "../../../packages/bist/price";
import type { Kurus } from "../../../packages/bist/price";
import type { ResolvedStatus } from "../../../packages/contract/order-resolution";
import type { ExecutionReport } from "./execution-report";
import { coarsestAverage } from "./fill-price";
import type { Order } from "./order";
import type { Reason } from "./reason";

const Exact = Decimal.clone({ precision: 40 });

/** What an operator read in the broker's own records about an order in doubt. */
export interface Finding {
  readonly status: ResolvedStatus;
  /** Lots filled in all; undefined where the status says it. */
  readonly filled: Lots | undefined;
  /** Average price of all that was filled: decimal text, six places at most. */
  readonly average: string | undefined;
  readonly reference: string | undefined;
  /** The price that the order had last where it was not changed from here, as by telephone; undefined for its own. */
  readonly repricedTo: Kurus | undefined;
}

/** What else a finding is held against. */
export interface Circumstances {
  /** Prices that the order ever had or was asked to be moved to, whether or not that is known to have happened. */
  readonly pricesAsked: readonly Kurus[];
  /** The order of the same account and day that has the finding's reference. */
  readonly ownerOfReference: string | undefined;
}

/** As its owner sees it; the evidence is for operators. */
export const resolvedByOperator: Reason = {
  code: "RESOLVED_BY_OPERATOR",
  detail: "settled by an operator from the broker's records",
};

/** Where the outcome of an order in doubt is to be found: the broker's list and screen show today's orders only. */
export const decidedBy = ({ tradingDay }: Pick<Order, "tradingDay">, now: Date) =>
  tradingDay === istanbulDate(now.getTime()) ? "BROKER_SCREEN" : "ACCOUNT_STATEMENT";

/** Lots filled in all. */
const filledOf = (order: Order, { status, filled = 0n }: Finding): Lots =>
  status === "FILLED" ? order.quantity : filled;

/**
 * Everything in which a finding contradicts itself or what is known of the order. Fills are booked only with the
 * broker's reference, which keeps them from being booked for two orders.
 */
export function contradictionsOf(order: Order, finding: Finding, circumstances: Circumstances): readonly string[] {
  return [
    ...quantityContradictions(order, finding),
    ...priceContradictions(order, finding, circumstances),
    ...referenceContradictions(order, finding, circumstances),
  ];
}

function quantityContradictions(order: Order, { status, filled }: Finding): readonly string[] {
  const { quantity, filledQuantity: known } = order;
  if (filled === undefined && (status === "CANCELLED" || status === "EXPIRED")) {
    return [`an order that is ${status} may have been filled in part: say how many lots were filled, 0 if none`];
  }
  const total = filled ?? (status === "FILLED" ? quantity : 0n);
  if (total > quantity) return [`${total} lots filled are more than the ${quantity} ordered`];
  if (total < known) return [`${total} lots filled are less than the ${known} that are known`];
  if (status === "REJECTED" && total > 0n) return [`an order with ${total} lots filled was not REJECTED`];
  if (status === "FILLED" && total < quantity) return [`with ${total} of ${quantity} lots filled it is not FILLED`];
  if (status !== "FILLED" && total === quantity) return [`with all ${quantity} lots filled it is FILLED`];
  return [];
}

function priceContradictions(order: Order, finding: Finding, { pricesAsked }: Circumstances): readonly string[] {
  const { average, status, repricedTo } = finding;
  if (repricedTo !== undefined && order.limitPrice === undefined) return ["a market order has no price to be changed"];
  if (repricedTo !== undefined && status === "REJECTED") return ["an order that was REJECTED had no other price"];
  const filled = filledOf(order, finding);
  if (average === undefined) {
    return filled > order.filledQuantity ? [`${filled} lots filled need the average price of all of them`] : [];
  }
  if (!/^\d{1,12}(?:\.\d{1,6})?$/.test(average) || new Exact(average).isZero()) {
    return [`"${average}" is not an average price; use lira with a decimal point and at most six places`];
  }
  if (filled === 0n) return [`nothing was filled, and ${average} is its average price`];
  return worseThanAsked(order, filled, average, repricedTo === undefined ? pricesAsked : [...pricesAsked, repricedTo]);
}

/**
 * A limit order is filled at its limit or better, by any price that it was asked to be moved to or had at the broker. That holds for the lots
 * that are new: what was known before is the broker's word already. Two averages are rounded, and only what no rounding
 * explains is held against the finding.
 */
function worseThanAsked(order: Order, filled: Lots, average: string, pricesAsked: readonly Kurus[]): readonly string[] {
  const { side, limitPrice, filledQuantity: known, averageFillPrice = "0" } = order;
  if (limitPrice === undefined) return [];
  if (order.averageDerived)
    return worseThanAsked({ ...order, averageDerived: false, filledQuantity: 0n }, filled, average, pricesAsked);
  const limits = [limitPrice, ...pricesAsked].sort((one, other) => Number(one - other));
  const worst = formatPrice((side === "BUY" ? limits.at(-1) : limits[0]) ?? limitPrice);
  const paid = new Exact(average).times(filled.toString()).minus(new Exact(averageFillPrice).times(known.toString()));
  const allowed = new Exact(worst).times((filled - known).toString());
  const rounding = known === 0n ? 0 : new Exact(coarsestAverage).times((filled + known).toString());
  const isWorse = side === "BUY" ? paid.minus(rounding).gt(allowed) : paid.plus(rounding).lt(allowed);
  if (!isWorse) return [];
  const beside = known === 0n ? "" : ` beside the ${averageFillPrice} of the ${known} lots that are known`;
  return [
    `an average of ${average}${beside} is worse than the limit of ${worst}; an order that was repriced elsewhere had another`,
  ];
}

function referenceContradictions(
  order: Order,
  finding: Finding,
  { ownerOfReference }: Circumstances,
): readonly string[] {
  const { reference } = finding;
  const { brokerReference: known } = order;
  if (reference === undefined) {
    const isNeeded = known === undefined && filledOf(order, finding) > 0n;
    return isNeeded ? ["fills are booked only with the broker's reference, which its screen and statement show"] : [];
  }
  if (!/^[0-9A-Z-]{1,32}$/.test(reference)) {
    return [`"${reference}" is not a reference; use it as the broker shows it, such as FO1AB2`];
  }
  if (known !== undefined && known !== reference) return [`its reference is known to be ${known}, not ${reference}`];
  if (ownerOfReference !== undefined) return [`the reference ${reference} belongs to the order ${ownerOfReference}`];
  if (order.tradingDay === undefined) return ["it was never submitted, so that the broker has no reference for it"];
  return [];
}

/** What a finding adds to an order, as the broker's list would. */
export function reportOfFinding(order: Order, finding: Finding): ExecutionReport {
  const filledQuantity = filledOf(order, finding);
  return {
    status: finding.status,
    filledQuantity,
    averagePrice: filledQuantity === 0n ? undefined : finding.average,
    isStated: false,
    exchangeOrderId: order.exchangeOrderId,
    limitPrice: finding.repricedTo,
    reason: resolvedByOperator,
  };
}
