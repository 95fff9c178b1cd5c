import type { Pool } from "pg";
import type { AlgolabSession } from "../../../packages/algolab/client";
import { AlgolabError } from "../../../packages/algolab/errors";
import type { BrokerCandle as BrokerRow } from "../../../packages/algolab/messages";
import type { Clock } from "../../../packages/kit/clock";
import { metrics as contract } from "../../../packages/contract/metrics";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Logger } from "../../../packages/kit/observability/logger";
import type { Metrics } from "../../../packages/kit/observability/metrics";
import { WakeUpLoop } from "../../../packages/kit/wake-up-loop";
import type { BrokerCandle } from "../domain/candle";
import { decimalText, isPositive } from "../domain/decimal";
import { intervals, openTimeOf } from "../domain/interval";
import type { Interval } from "../domain/interval";
import { toUnits } from "../domain/units";
import {
  hasDueRequest,
  requestEmpty,
  requestFailed,
  storeBrokerCandles,
  takeRequest,
} from "../store/broker-candle-store";
import type { HistoryRequest } from "../store/broker-candle-store";

/**
 * Runs one call of the feed's account when the broker allows one: with a session, and in a slot of its own.
 * @returns undefined, with nothing run, while there is neither
 */
export type BrokerCall = <T>(work: (session: Pick<AlgolabSession, "candles">) => Promise<T>) => Promise<T | undefined>;

const minuteMs = 60_000;
const lookMs = 1_000;
/** What the broker did not receive, or had no time for, is asked for again on the same day. */
const askedAgainMs = 10 * minuteMs;
/** Bars are of the years that the market has data for. */
const oldestMs = 10 * 366 * 86_400_000;

/**
 * Asks the broker for the candles that charts lack: one call at a time, each symbol and interval once a day. Whether it
 * answers at all is disputed, so that whatever comes in place of candles costs nothing but the history.
 */
export class BrokerHistory {
  private readonly loop: WakeUpLoop;
  private readonly requests;

  constructor(
    private readonly pool: Pool,
    private readonly epoch: number,
    private readonly call: BrokerCall,
    private readonly clock: Clock,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.requests = metrics.counter(contract.marketHistoryRequests);
    const onError = (error: Error) => {
      log.warn({ error: error.message }, "requests for the broker's candles could not be looked after");
    };
    this.loop = new WakeUpLoop(() => this.turn(), { onError, everyMs: lookMs });
  }

  start(): void {
    this.loop.wake();
  }

  /** Resolves when no call is under way. */
  async stop(): Promise<void> {
    await this.loop.close();
  }

  private async turn(): Promise<void> {
    if (!(await hasDueRequest(this.pool, await this.nowMs()))) return;
    await this.call(async (session) => {
      const request = this.loop.closed ? undefined : await takeRequest(this.pool, this.epoch, await this.nowMs());
      if (request !== undefined) await this.fetch(request, session);
    });
  }

  private async nowMs(): Promise<number> {
    return (await databaseTime(this.pool)).getTime();
  }

  private async fetch(request: HistoryRequest, session: Pick<AlgolabSession, "candles">): Promise<void> {
    const { symbol, interval } = request;
    const fetchedMs = this.clock.now();
    try {
      const rows = await session.candles(symbol, intervals[interval] / minuteMs);
      const candles = usableCandles(rows, interval, fetchedMs);
      if (candles.length === 0) await this.empty(request, `none of ${rows.length} bars is usable`);
      else {
        await storeBrokerCandles(this.pool, request, candles);
        this.requests.inc({ outcome: "fetched" });
        const counts = { bars: rows.length, stored: candles.length };
        this.log.info({ symbol, interval, ...counts }, "candles fetched from the broker");
      }
    } catch (error) {
      const { message } = error as Error;
      const failure = error instanceof AlgolabError ? error.failure : undefined;
      if (failure === "REFUSED") {
        await this.empty(request, message);
        return;
      }
      const unheard = failure === "NOT_SENT" || failure === "TOO_FREQUENT";
      await requestFailed(this.pool, request, unheard ? request.askedAt.getTime() + askedAgainMs : undefined);
      this.requests.inc({ outcome: "failed" });
      this.log.warn({ symbol, interval, error: message }, "no candles from the broker");
    }
  }

  /** The broker answered, and has nothing of this symbol: others may fare better. */
  private async empty(request: HistoryRequest, reason: string): Promise<void> {
    await requestEmpty(this.pool, request);
    this.requests.inc({ outcome: "empty" });
    this.log.info({ ...request, reason }, "the broker has no candles of a symbol");
  }
}

/** What of the broker's rows is a candle of this interval; of several of one period the last. */
export function usableCandles(rows: readonly BrokerRow[], interval: Interval, fetchedMs: number): BrokerCandle[] {
  const byTime = new Map<number, BrokerCandle>();
  for (const row of rows) {
    const candle = candleOf(row, interval, fetchedMs);
    if (candle !== undefined) byTime.set(candle.openTimeMs, candle);
  }
  return [...byTime.values()];
}

function candleOf(row: BrokerRow, interval: Interval, fetchedMs: number): BrokerCandle | undefined {
  const stampedMs = row.openTime?.getTime();
  if (stampedMs === undefined || stampedMs > fetchedMs || stampedMs < fetchedMs - oldestMs) return undefined;
  const openTimeMs = openTimeOf(interval, stampedMs);
  // A day may be stamped with any time of it; a shorter bar that begins elsewhere is of another period.
  if (interval !== "1d" && openTimeMs !== stampedMs) return undefined;
  const [open, high, low, close] = [row.open, row.high, row.low, row.close].map(decimalText);
  // An index has no volume.
  const volume = decimalText(row.volume) ?? "0";
  if (open === undefined || high === undefined || low === undefined || close === undefined) return undefined;
  if (![open, high, low, close].every(isPositive) || volume.startsWith("-")) return undefined;
  const [highest, lowest] = [toUnits(high), toUnits(low)];
  if (![open, close].every((price) => lowest <= toUnits(price) && toUnits(price) <= highest)) return undefined;
  return { openTimeMs, open, high, low, close, volume, fetchedMs };
}
