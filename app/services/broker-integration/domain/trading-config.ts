import type { TradingCalendar } from "../../../packages/bist/calendar";

/** How orders are accepted, sent and resolved. */
export interface TradingConfig {
  /** Least time between two calls for one account; the broker allows one in 5 s. */
  readonly requestIntervalMs: number;
  /** Time to wait for an answer of the broker. */
  readonly requestTimeoutMs: number;
  /** A session is refreshed when it made no call for this long; it ends after about 15 minutes. */
  readonly keepAliveMs: number;
  /** `exchange` takes orders in its sessions only; `always` is for a simulated broker, whose fills end at 23:58. */
  readonly hours: "exchange" | "always";
  /** When the exchange trades, and trades settle. */
  readonly calendar: TradingCalendar;
  /** An order that could not be sent within this time is rejected: the market it was meant for is gone. */
  readonly submitWithinMs: number;
  /** A list asked for sooner after an unseen answer does not prove that the order did not arrive. */
  readonly resolveDelayMs: number;
  /** How often the broker's list is read while an outcome is unknown. */
  readonly resolveIntervalMs: number;
  /** How often it is read while orders are open and the socket is silent. */
  readonly pollIntervalMs: number;
  /** How often the account statement is read while the end of an order of a past day is not known. */
  readonly statementIntervalMs: number;
  /** How far the broker's clock may be behind the database's. */
  readonly clockSkewMs: number;
  /** How long an account stays with a replica that does not renew its lease. */
  readonly leaseMs: number;
  /** How old a view of the account may be before it is asked for anew. */
  readonly viewFreshMs: number;
  /** Where to end the process, for fault tests: `submit.answered:2`. */
  readonly failpoint: string | undefined;
}
