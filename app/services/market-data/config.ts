import { TradingCalendar } from "../../packages/bist/calendar";
import { calendarChangesText } from "../../packages/contract/calendar-changes";
import type { WriterLimits } from "./leader/tick-writer";
import type { FeedOptions } from "./feed/broker-feed";
import { networkLimits } from "../../packages/contract/network-limits";
import { section } from "../../packages/kit/config/read";
import { list, maybe, otherwise, whole } from "../../packages/kit/config/variables";

export interface MarketDataConfig {
  readonly feed: FeedOptions;
  /** When the exchange trades: what silence of the feed means. */
  readonly calendar: TradingCalendar;
  readonly writer: WriterLimits;
  /** How the broker is asked for candles: least time between two calls of an account, and longest time of one. */
  readonly requestIntervalMs: number;
  readonly requestTimeoutMs: number;
}

/** How the feed is listened to and stored, and history asked for. */
export const marketDataSection = section(
  {
    MARKET_DATA_SYMBOLS: otherwise(list("codes separated by commas, or ALL"), ["ALL"]),
    BIST_CALENDAR_CHANGES: maybe(calendarChangesText),
    MARKET_DATA_HEARTBEAT_MS: otherwise(whole(1_000, 900_000, "milliseconds"), 10_000),
    MARKET_DATA_SILENCE_MS: otherwise(whole(1_000, 900_000, "milliseconds"), 60_000),
    MARKET_DATA_BATCH_ROWS: otherwise(whole(1, 50_000, "ticks"), 5_000),
    MARKET_DATA_BATCH_LINGER_MS: otherwise(whole(0, 1_000, "milliseconds"), 5),
    MARKET_DATA_BACKLOG_ROWS: otherwise(whole(1_000, 5_000_000, "ticks"), 200_000),
    ALGOLAB_REQUEST_INTERVAL_MS: otherwise(whole(0, 60_000, "milliseconds"), 5_000),
    ALGOLAB_REQUEST_TIMEOUT_MS: otherwise(whole(100, 60_000, "milliseconds"), networkLimits.broker.answerMs),
  },
  (values): MarketDataConfig => ({
    feed: {
      symbols: values.MARKET_DATA_SYMBOLS,
      heartbeatMs: values.MARKET_DATA_HEARTBEAT_MS,
      silenceMs: values.MARKET_DATA_SILENCE_MS,
      firstRetryMs: 500,
      mostRetryMs: 30_000,
    },
    calendar: new TradingCalendar(values.BIST_CALENDAR_CHANGES),
    writer: {
      batchRows: values.MARKET_DATA_BATCH_ROWS,
      lingerMs: values.MARKET_DATA_BATCH_LINGER_MS,
      backlogRows: values.MARKET_DATA_BACKLOG_ROWS,
    },
    requestIntervalMs: values.ALGOLAB_REQUEST_INTERVAL_MS,
    requestTimeoutMs: values.ALGOLAB_REQUEST_TIMEOUT_MS,
  }),
);
