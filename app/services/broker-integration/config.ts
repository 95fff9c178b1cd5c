import { section } from "../../packages/kit/config/read";
import { maybe, oneOf, otherwise, text, whole } from "../../packages/kit/config/variables";

/** How orders are accepted, sent and resolved. */
export interface TradingConfig {
  /** Least time between two calls for one account; the broker allows one in 5 s. */
  readonly requestIntervalMs: number;
  /** Time to wait for an answer of the broker. */
  readonly requestTimeoutMs: number;
  /** A session is refreshed when it made no call for this long; it ends after about 15 minutes. */
  readonly keepAliveMs: number;
  /** `exchange` takes orders in its sessions only; `always` is for a simulated broker. */
  readonly hours: "exchange" | "always";
  /** An order that could not be sent within this time is rejected: the market it was meant for is gone. */
  readonly submitWithinMs: number;
  /** A list asked for sooner after an unseen answer does not prove that the order did not arrive. */
  readonly resolveDelayMs: number;
  /** How often the broker's list is read while an outcome is unknown. */
  readonly resolveIntervalMs: number;
  /** How often it is read while orders are open and the socket is silent. */
  readonly pollIntervalMs: number;
  /** How far the broker's clock may be behind the database's. */
  readonly clockSkewMs: number;
  /** How long an account stays with a replica that does not renew its lease. */
  readonly leaseMs: number;
  /** How old a view of the account may be before it is asked for anew. */
  readonly viewFreshMs: number;
  /** Where to end the process, for fault tests: `submit.answered:2`. */
  readonly failpoint: string | undefined;
}

const milliseconds = (from: number, to: number, value: number) => otherwise(whole(from, to, "milliseconds"), value);

export const tradingSection = section(
  {
    ALGOLAB_REQUEST_INTERVAL_MS: milliseconds(0, 60_000, 5_000),
    ALGOLAB_REQUEST_TIMEOUT_MS: milliseconds(100, 60_000, 15_000),
    ALGOLAB_KEEP_ALIVE_MS: milliseconds(1_000, 840_000, 300_000),
    TRADING_HOURS: otherwise(oneOf("exchange", "always"), "exchange"),
    ORDER_SUBMIT_WITHIN_MS: milliseconds(100, 3_600_000, 60_000),
    ORDER_RESOLVE_DELAY_MS: milliseconds(0, 3_600_000, 60_000),
    ORDER_RESOLVE_INTERVAL_MS: milliseconds(10, 600_000, 5_000),
    ORDER_POLL_INTERVAL_MS: milliseconds(10, 600_000, 30_000),
    ALGOLAB_CLOCK_SKEW_MS: milliseconds(0, 600_000, 5_000),
    ACCOUNT_LEASE_MS: milliseconds(300, 60_000, 15_000),
    ACCOUNT_VIEW_FRESH_MS: milliseconds(0, 600_000, 30_000),
    FAILPOINT: maybe(text("a failpoint of the fault tests")),
  },
  (values): TradingConfig => ({
    requestIntervalMs: values.ALGOLAB_REQUEST_INTERVAL_MS,
    requestTimeoutMs: values.ALGOLAB_REQUEST_TIMEOUT_MS,
    keepAliveMs: values.ALGOLAB_KEEP_ALIVE_MS,
    hours: values.TRADING_HOURS,
    submitWithinMs: values.ORDER_SUBMIT_WITHIN_MS,
    resolveDelayMs: values.ORDER_RESOLVE_DELAY_MS,
    resolveIntervalMs: values.ORDER_RESOLVE_INTERVAL_MS,
    pollIntervalMs: values.ORDER_POLL_INTERVAL_MS,
    clockSkewMs: values.ALGOLAB_CLOCK_SKEW_MS,
    leaseMs: values.ACCOUNT_LEASE_MS,
    viewFreshMs: values.ACCOUNT_VIEW_FRESH_MS,
    failpoint: values.FAILPOINT,
  }),
);
