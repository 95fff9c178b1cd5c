import { TradingCalendar } from "../../packages/bist/calendar";
import { calendarChangesText } from "../../packages/contract/calendar-changes";
import { networkLimits } from "../../packages/contract/network-limits";
import { section } from "../../packages/kit/config/read";
import { maybe, oneOf, otherwise, text, whole } from "../../packages/kit/config/variables";
import type { TradingConfig } from "./domain/trading-config";

const milliseconds = (from: number, to: number, value: number) => otherwise(whole(from, to, "milliseconds"), value);

export const tradingSection = section(
  {
    ALGOLAB_REQUEST_INTERVAL_MS: milliseconds(0, 60_000, 5_000),
    ALGOLAB_REQUEST_TIMEOUT_MS: milliseconds(100, 60_000, networkLimits.broker.answerMs),
    ALGOLAB_KEEP_ALIVE_MS: milliseconds(1_000, 840_000, 300_000),
    TRADING_HOURS: otherwise(oneOf("exchange", "always"), "exchange"),
    BIST_CALENDAR_CHANGES: maybe(calendarChangesText),
    ORDER_SUBMIT_WITHIN_MS: milliseconds(100, 3_600_000, 120_000),
    ORDER_RESOLVE_DELAY_MS: milliseconds(0, 3_600_000, 60_000),
    ORDER_RESOLVE_INTERVAL_MS: milliseconds(10, 600_000, 5_000),
    ORDER_POLL_INTERVAL_MS: milliseconds(10, 600_000, 30_000),
    ORDER_STATEMENT_INTERVAL_MS: milliseconds(10, 86_400_000, 900_000),
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
    calendar: new TradingCalendar(values.BIST_CALENDAR_CHANGES),
    submitWithinMs: values.ORDER_SUBMIT_WITHIN_MS,
    resolveDelayMs: values.ORDER_RESOLVE_DELAY_MS,
    resolveIntervalMs: values.ORDER_RESOLVE_INTERVAL_MS,
    pollIntervalMs: values.ORDER_POLL_INTERVAL_MS,
    statementIntervalMs: values.ORDER_STATEMENT_INTERVAL_MS,
    clockSkewMs: values.ALGOLAB_CLOCK_SKEW_MS,
    leaseMs: values.ACCOUNT_LEASE_MS,
    viewFreshMs: values.ACCOUNT_VIEW_FRESH_MS,
    failpoint: values.FAILPOINT,
  }),
);
