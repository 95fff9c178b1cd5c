import { Decimal } from "decimal.js";
import type { Lots } from "../../../packages/bist/lots";
import { formatPrice } from "../../../packages/bist/price";
import type { Kurus } from "../../../packages/bist/price";
import type { PriceLimits } from "../../../packages/bist/price-limits";
import type { OrderTerms } from "./order";

/** Half up, as PostgreSQL rounds to a column's places: one rule for all that is booked, stored and compared. */
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });

/** The smallest price that anything is quoted at. */
const leastPrice = "0.01";
/** Far above any price, so that every amount fits into its column. */
const mostPrice = "9999999.99";
/** Without limits: no instrument with a daily margin leaves this range around its average within a day. */
const plausibleFactor = 2;

/** What was filled in all, or booked of it so far. */
export interface FillTotal {
  readonly quantity: Lots;
  /** Lira as decimal text. */
  readonly amount: string;
}

/** The fills since the last look, as one: the broker reports sums only. */
export interface Step {
  readonly quantity: Lots;
  /** Lira of one share, six decimals, above 0. */
  readonly price: string;
  /** Lira of the whole step, six decimals. */
  readonly amount: string;
  /** Whether the price comes from sums and bounds; else it is the broker's own average of the only step. */
  readonly derived: boolean;
}

/** Prices between which every fill of an order lies, where they are known. */
export interface FillBounds {
  readonly least: Kurus | undefined;
  readonly most: Kurus | undefined;
  /** What a fill cost where the broker gives no price: what the order asks for, or the middle of the limits. */
  readonly likely: Kurus | undefined;
}

/** Of sums that are not rounded. */
export const unbounded: FillBounds = { least: undefined, most: undefined, likely: undefined };

/** The broker's average as it gives it; undefined for what is no price of a fill, such as "0". */
export function usableAverage(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const average = new Exact(text);
  return average.gte(leastPrice) && average.lte(mostPrice) ? text : undefined;
}

/** The broker rounds averages to no fewer places. */
export const coarsestAverage = "0.01";

/**
 * Whether fills can have an average, rounded as the broker rounds: those of a limit order are at its limit or better. Limits of
 * the day are no bound, for they can have moved.
 * @param limitPrices all that the order had or was asked to be moved to
 */
export function isPossible(
  average: string,
  side: OrderTerms["side"],
  limitPrices: readonly (Kurus | undefined)[],
): boolean {
  const asked = worstOf(side, limitPrices);
  if (asked === undefined) return true;
  const beyond = new Exact(average).minus(lira(asked)).times(side === "BUY" ? 1 : -1);
  return beyond.lte(coarsestAverage);
}

/** An average as it is stored: six decimals. */
export const storedAverage = (average: string): string => new Exact(average).toFixed(6);

/** @param limitPrices all that the order had or was asked to be moved to: a reprice may lie between two fills, or be unseen */
export function fillBounds(
  side: OrderTerms["side"],
  limitPrices: readonly (Kurus | undefined)[],
  limits: PriceLimits | undefined,
): FillBounds {
  const asked = worstOf(side, limitPrices);
  const middle = limits && (limits.floor + limits.ceiling) / 2n;
  // Limits can have moved within the day: what the order asks for, and was filled at, is inside all the same.
  return {
    least: side === "SELL" ? (asked ?? limits?.floor) : limits && lowerOf(limits.floor, asked ?? limits.floor),
    most: side === "BUY" ? (asked ?? limits?.ceiling) : limits && higherOf(limits.ceiling, asked ?? limits.ceiling),
    likely: asked ?? middle,
  };
}

function worstOf(side: OrderTerms["side"], limitPrices: readonly (Kurus | undefined)[]): Kurus | undefined {
  const prices = limitPrices.filter((price) => price !== undefined);
  return prices.length === 0 ? undefined : prices.reduce(side === "BUY" ? higherOf : lowerOf);
}

const lowerOf = (one: Kurus, other: Kurus): Kurus => (one < other ? one : other);
const higherOf = (one: Kurus, other: Kurus): Kurus => (one > other ? one : other);

/**
 * What the step from what is booked to what is filled cost. The broker rounds its average, so that the difference of two
 * sums can be far from any price, even negative: it is brought between the bounds, and what that leaves out is made up by
 * the next step. Never fails: no price holds up a quantity or a status.
 * @param average of everything filled, see `usableAverage`
 */
export function stepOf(booked: FillTotal, filled: Lots, average: string | undefined, bounds: FillBounds): Step {
  const quantity = filled - booked.quantity;
  const price = priceOf(booked, filled, average, bounds);
  const isOwn = booked.quantity === 0n && average !== undefined && price.equals(average);
  return {
    quantity,
    price: price.toFixed(6),
    amount: price.times(quantity.toString()).toFixed(6),
    derived: !isOwn,
  };
}

function priceOf(
  booked: FillTotal,
  filled: Lots,
  average: string | undefined,
  { least, most, likely }: FillBounds,
): Decimal {
  const first = booked.quantity === 0n;
  if (average !== undefined && first) return new Exact(average);
  const before = first ? undefined : new Exact(booked.amount).dividedBy(booked.quantity.toString());
  if (average === undefined) return between(leastPrice, before ?? lira(likely ?? 1n), mostPrice);
  const known = new Exact(average);
  const lower = least === undefined ? known.dividedBy(plausibleFactor) : Exact.min(lira(least), known);
  const upper = most === undefined ? known.times(plausibleFactor) : Exact.max(lira(most), known);
  const difference = known.times(filled.toString()).minus(booked.amount);
  const price = difference.dividedBy((filled - booked.quantity).toString());
  return between(leastPrice, between(lower, price, upper), mostPrice);
}

const between = (lower: Decimal.Value, price: Decimal, upper: Decimal.Value): Decimal =>
  Exact.max(lower, Exact.min(price, upper));

const lira = (price: Kurus): Decimal => new Exact(formatPrice(price));

/** The average that the broker gave, or that of what was booked; six decimals. */
export function averageFillPrice(average: string | undefined, booked: FillTotal, step: Step | undefined): string {
  if (average !== undefined) return storedAverage(average);
  const amount = new Exact(booked.amount).plus(step?.amount ?? 0);
  return amount.dividedBy((booked.quantity + (step?.quantity ?? 0n)).toString()).toFixed(6);
}

/** What was booked of an order. */
export interface BookedFills {
  /** At prices of the broker, or that its sums lead to. */
  readonly priced: FillTotal;
  /** At prices that are assumed, since the broker gave none. */
  readonly assumed: FillTotal;
}

/** What a look at the broker adds to what is booked. */
export interface FillChange {
  /** Undefined where it stays as it is. */
  readonly averageFillPrice: string | undefined;
  /** Whether the average is assumed; undefined where that stays as it is. */
  readonly averageDerived: boolean | undefined;
  /** Fills that are new. */
  readonly step: Step | undefined;
  /** What the fills at assumed prices cost, and those that are new: to be booked anew at its price. */
  readonly repriced: Step | undefined;
}

/**
 * The fills that are new, at a price that leads to the broker's sum. Where it gives no price they are booked at an assumed
 * one, and are part of the step to its sum as soon as it does: an assumption decides no other price.
 * @param filled in all, above 0
 * @param average of everything filled, see `usableAverage`
 */
export function changeOfFills(
  { priced, assumed }: BookedFills,
  filled: Lots,
  average: string | undefined,
  bounds: FillBounds,
): FillChange {
  const all = {
    quantity: priced.quantity + assumed.quantity,
    amount: new Exact(priced.amount).plus(assumed.amount).toFixed(),
  };
  const isNew = filled > all.quantity;
  if (average === undefined) {
    const step = isNew ? stepOf(all, filled, undefined, bounds) : undefined;
    const averageOfAll = step && averageFillPrice(undefined, all, step);
    return { averageFillPrice: averageOfAll, averageDerived: isNew || undefined, step, repriced: undefined };
  }
  const whole = filled > priced.quantity ? stepOf(priced, filled, average, bounds) : undefined;
  return {
    averageFillPrice: storedAverage(average),
    averageDerived: false,
    step: isNew ? whole && partOf(whole, filled - all.quantity) : undefined,
    repriced: assumed.quantity > 0n ? whole : undefined,
  };
}

/** So many lots of a step, at its price; derived unless they are all of it. */
function partOf(step: Step, quantity: Lots): Step {
  if (quantity === step.quantity) return step;
  return { ...step, quantity, amount: new Exact(step.price).times(quantity.toString()).toFixed(6), derived: true };
}
