import type { Priority } from "../../../packages/algolab/request-queue";
import { istanbulDate } from "../../../packages/bist/calendar";
import { endIsLookedFor } from "../domain/day-end";
import { isOpen, looksLike } from "../domain/order";
import type { Order } from "../domain/order";
import type { OrderRequest } from "../domain/order-request";
import type { TradingConfig } from "../domain/trading-config";
import type { StatementPeriod } from "../store/statements";
import type { ViewKind } from "../store/views";

/** What the database says is to be done for an account. */
export interface Work {
  /** Oldest first. */
  readonly unfinished: readonly Order[];
  readonly requests: readonly OrderRequest[];
  readonly views: readonly ViewKind[];
  /** Periods of the account statement that somebody asked for. */
  readonly statements: readonly StatementPeriod[];
  /** Symbols whose limits somebody waits for, with an order that they would refuse. */
  readonly limits: readonly string[];
  /** Symbols of limit orders whose price limits are not known. */
  readonly withoutLimits: readonly string[];
  /** Orders that ended and of whose fills the broker has not given a price. */
  readonly withoutPrice: readonly Order[];
}

/** How long ago what was; Infinity for never. */
export interface Timing {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Something happened to an order since the list was read. */
  readonly hinted: boolean;
  /** An order that the list did not show may be in a later one. */
  readonly mayBeLate: boolean;
  /** Since the end of the last look. */
  readonly sinceListMs: number;
  readonly sinceStatementMs: number;
  readonly sinceCallMs: number;
}

/** What calls the broker, once unless it says otherwise (`TurnOutcome`); its name tells it from others that wait. */
export type Task = { readonly name: string; readonly priority: Priority } & (
  | { readonly kind: "submit"; readonly orderId: string }
  | { readonly kind: "request"; readonly request: OrderRequest }
  | { readonly kind: "view"; readonly view: ViewKind }
  | { readonly kind: "statement"; readonly period: StatementPeriod }
  | { readonly kind: "limits" | "confirm"; readonly symbol: string }
  | { readonly kind: "list" | "refresh" }
  | { readonly kind: "ends" }
);

/**
 * The calls that an account needs now, orders in the sequence in which they were placed. What is only good to know, such
 * as price limits, comes after everything that somebody waits for.
 */
export function planWork(
  { unfinished, requests, views, statements, limits, withoutLimits, withoutPrice }: Work,
  timing: Timing,
  config: TradingConfig,
): Task[] {
  const today = istanbulDate(timing.now);
  const unknown = unfinished.filter(({ status, tradingDay }) => status === "UNKNOWN" && tradingDay === today);
  // While an order is in doubt, one that looks the same has to wait: they would be indistinguishable in the list.
  const clear = unfinished.filter(
    (order) => order.status === "CREATED" && !unknown.some((other) => looksLike(order, other)),
  );
  const inDoubt = unknown.length > 0 || requests.some(({ status }) => status !== "PENDING");
  const isWatched =
    timing.mayBeLate ||
    unfinished.some(({ status }) => isOpen(status)) ||
    withoutPrice.some(({ tradingDay }) => tradingDay === today);
  const listEveryMs = inDoubt ? config.resolveIntervalMs : isWatched ? config.pollIntervalMs : Infinity;
  const endsAreLookedFor = [...unfinished, ...withoutPrice].some((order) => endIsLookedFor(order, timing.now));
  const tasks: Task[] = [
    ...clear.map(({ orderId }): Task => ({ kind: "submit", name: orderId, priority: "ORDER", orderId })),
    ...requests
      .filter(({ status }) => status === "PENDING")
      .map((request): Task => {
        const priority = request.kind === "CANCEL" ? "CANCEL" : "ORDER";
        return { kind: "request", name: request.requestId, priority, request };
      }),
    ...limits.map((symbol): Task => ({ kind: "confirm", name: `confirm ${symbol}`, priority: "ORDER", symbol })),
  ];
  if (timing.hinted || timing.sinceListMs >= listEveryMs) {
    tasks.push({ kind: "list", name: "list", priority: "RECONCILE" });
  }
  for (const view of views) tasks.push({ kind: "view", name: view, priority: "READ", view });
  for (const period of statements) {
    tasks.push({ kind: "statement", name: `statement ${period.from} ${period.until}`, priority: "READ", period });
  }
  if (endsAreLookedFor && timing.sinceStatementMs >= config.statementIntervalMs) {
    tasks.push({ kind: "ends", name: "ends", priority: "READ" });
  }
  if (timing.sinceCallMs >= config.keepAliveMs) {
    tasks.push({ kind: "refresh", name: "refresh", priority: "KEEP_ALIVE" });
  }
  for (const symbol of withoutLimits) {
    tasks.push({ kind: "limits", name: `limits ${symbol}`, priority: "BACKGROUND", symbol });
  }
  return tasks;
}
