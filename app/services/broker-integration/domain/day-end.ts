import { istanbulDate, startOfIstanbulDate } from "../../../packages/bist/calendar";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import { sessionAt } from "../../../packages/bist/calendar-session";
import type { Lots } from "../../../packages/bist/lots";
import { isFinal } from "./order";
import type { Order } from "./order";
import type { Reason } from "./reason";
import type { TradingConfig } from "./trading-config";

const dayMs = 86_400_000;
/** Before midnight a broker without hours makes no fills, so that a list shows how its day ended. */
const closedBeforeMidnightMs = 2 * 60_000;

/** When fills can be made. */
export type Hours = Pick<TradingConfig, "hours" | "calendar">;

/** When a day's last fill can be made, milliseconds since the epoch: the session's end, or the day's where there is none. */
export function lastFillAt(tradingDay: string, { hours, calendar }: Hours): number {
  const midnight = startOfIstanbulDate(tradingDay) + dayMs;
  if (hours === "always") return midnight - closedBeforeMidnightMs;
  let at = startOfIstanbulDate(tradingDay);
  for (let phase = sessionAt(calendar, at); istanbulDate(phase.untilMs) === tradingDay; phase = sessionAt(calendar, at))
    at = phase.untilMs;
  return at === startOfIstanbulDate(tradingDay) ? midnight - 1_000 : at;
}

export interface EndOfDay {
  readonly status: "EXPIRED" | "UNKNOWN";
  readonly reason: Reason;
}

/**
 * What an order is that was open when its day ended. It ended as it was listed last where that was after the session;
 * else it may have been filled since, and its end is looked up.
 * @param listedAt when the list of its day was last read in full
 */
export function endOfDay(
  { tradingDay = "" }: Pick<Order, "tradingDay">,
  listedAt: Date | undefined,
  config: Hours & Pick<TradingConfig, "resolveDelayMs">,
): EndOfDay {
  // Fills of the last moment are listed a little later.
  const isSeen = listedAt !== undefined && listedAt.getTime() >= lastFillAt(tradingDay, config) + config.resolveDelayMs;
  return isSeen
    ? { status: "EXPIRED", reason: { code: "DAY_ORDER_EXPIRED", detail: "its trading day ended" } }
    : {
        status: "UNKNOWN",
        reason: {
          code: "END_NOT_KNOWN",
          detail: "its trading day ended unseen; it is looked for in the account statement",
        },
      };
}

/** What the account statement shows of an order of a past day. */
export interface Stated {
  readonly quantity: Lots;
  /** Lira as decimal text. */
  readonly amount: string;
  /** A row that may be about the order cannot be read: the sums prove nothing. */
  readonly isUnreadable: boolean;
  /** A row does not say what it is about: there may be more of the order. */
  readonly isIncomplete: boolean;
}

/** How long after its day an order is looked for. */
const lookedForMs = 30 * dayMs;

/** The first day whose orders are looked for. */
export const lookedForSince = (now: number): string => istanbulDate(now - lookedForMs);

/** Whether the statement is to say how an order of a past day ended, or at what price it was filled. */
export function endIsLookedFor(
  order: Pick<Order, "status" | "averageDerived" | "brokerReference" | "tradingDay">,
  now: number,
): boolean {
  const { status, averageDerived, brokerReference, tradingDay } = order;
  const isWanted = status === "UNKNOWN" || (isFinal(status) && averageDerived);
  if (!isWanted || brokerReference === undefined || tradingDay === undefined) return false;
  return tradingDay < istanbulDate(now) && tradingDay >= lookedForSince(now);
}

export type EndResolution = "FILLED" | "EXPIRED" | "WAITING" | "CONTRADICTION";

/**
 * What the statement proves of an order's end. All of the quantity is proof at once. Its rows may appear one by one, in the
 * evening, in the morning or after settlement: a part, or nothing, is proof only when a trading day has passed after
 * settlement, which is when the statement of a day is complete, and it is no less than was ever seen.
 * @param most what the statement showed of the order at most, this look included
 * @param askedOn Istanbul date of this look
 */
export function resolveEnd(
  { quantity, filledQuantity, tradingDay = "" }: Pick<Order, "quantity" | "filledQuantity" | "tradingDay">,
  stated: Stated,
  most: Lots,
  askedOn: string,
  calendar: TradingCalendar,
): EndResolution {
  if (stated.quantity > quantity) return "CONTRADICTION";
  if (stated.quantity === quantity) return stated.isUnreadable ? "WAITING" : "FILLED";
  if (stated.isUnreadable || stated.isIncomplete || stated.quantity < filledQuantity) return "WAITING";
  if (stated.quantity < most) return "WAITING";
  return askedOn > calendar.nextTradingDay(calendar.settlementDate(tradingDay)).date ? "EXPIRED" : "WAITING";
}
