import { Type } from "typebox";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Kit } from "../../../packages/kit/service";
import { badRequest } from "../../../packages/kit/http/problem";
import { listenedThrough, mergeCandles } from "../domain/candle";
import type { ChartCandle } from "../domain/candle";
import { lookbackMs, openTimeOf } from "../domain/interval";
import { readBrokerCandles, wantHistory } from "../store/broker-candle-store";
import { CandleHistory } from "../store/candle-history";
import { feedCoverage } from "../store/feed-gaps";
import type { FeedExpectations, FeedGap } from "../store/feed-gaps";
import { readTicks } from "../store/tick-history";
import type { HistoricalTick } from "../store/tick-history";
import { cursorOf, parseCursor } from "./cursor";
import {
  CandleSchema,
  GapSchema,
  HistorySchema,
  IntervalSchema,
  Moment,
  SymbolParams,
  SymbolText,
  TickSchema,
} from "./schemas";

const tags = ["market data"];
const dayMs = 86_400_000;
const mostCandles = 2_000;

/** What was traded: ticks one by one, and candles of them and of the broker. */
export function historyRoutes({ app, clock, database }: Kit, expectations: FeedExpectations): void {
  const candles = new CandleHistory(database);
  app.get("/api/v1/market-data/ticks/:symbol", {
    config: { access: "market:read", problems: { 400: ["INVALID_RANGE", "INVALID_CURSOR"] } },
    schema: {
      tags,
      summary: "Ticks of a symbol, newest first, page by page",
      params: SymbolParams,
      querystring: Type.Object({
        from: Type.Optional(Moment),
        to: Type.Optional(Moment),
        limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
        cursor: Type.Optional(Type.String({ maxLength: 100, description: "`next` of the page before" })),
      }),
      response: {
        200: Type.Object({ ticks: Type.Array(TickSchema), next: Type.Union([Type.String(), Type.Null()]) }),
      },
    },
    handler: async (request) => {
      const { from, to, limit, cursor } = request.query;
      const { symbol } = request.params;
      const range = rangeOf(from, to, clock.now(), dayMs);
      const after = cursor === undefined ? undefined : parseCursor(cursor);
      const { ticks, next } = await readTicks(database, { symbol, ...range, limit, after });
      return { ticks: ticks.map(tickView), next: next === undefined ? null : cursorOf(next) };
    },
  });

  app.get("/api/v1/market-data/candles/:symbol", {
    config: { access: "market:read", problems: { 400: ["INVALID_RANGE"] } },
    schema: {
      tags,
      summary: "Candles of a symbol, oldest first; periods without a trade have none",
      description:
        "`gaps` are the times in which the market traded and the feed was away, silent, or not subscribed to the symbol: a period without a candle in one of them says nothing about the market. What was traded then, and before the platform listened at all, is asked for at the broker; `history` says what became of that. Without `from`, the newest `limit` candles however old.",
      params: SymbolParams,
      querystring: Type.Object({
        interval: IntervalSchema,
        from: Type.Optional(Moment),
        to: Type.Optional(Moment),
        limit: Type.Integer({ minimum: 1, maximum: mostCandles, default: 500 }),
      }),
      response: {
        200: Type.Object({
          symbol: SymbolText,
          interval: IntervalSchema,
          candles: Type.Array(CandleSchema),
          gaps: Type.Array(GapSchema),
          history: HistorySchema,
        }),
      },
    },
    handler: async (request) => {
      const { interval, from, to, limit } = request.query;
      const { symbol } = request.params;
      const now = clock.now();
      const asked = rangeOf(from, to, now, lookbackMs(interval, limit));
      // What was heard, and asked for, is noted by the database's clock.
      const notedNow = (await databaseTime(database)).getTime();
      const range = { fromMs: openTimeOf(interval, asked.fromMs), untilMs: asked.untilMs, limit };
      const coverage = await feedCoverage(database, expectations, symbol, range, notedNow);
      const covered = listenedThrough(coverage, range.fromMs, Math.min(range.untilMs, notedNow));
      // Before the candles are read: where the broker's are said to be there, they are.
      const history = covered ? ("COVERED" as const) : await wantHistory(database, symbol, interval, notedNow);
      const own = await candles.read(symbol, interval, range);
      const brokers = await readBrokerCandles(database, symbol, interval, range);
      return {
        symbol,
        interval,
        candles: mergeCandles(own, brokers, interval, coverage, now).slice(-limit).map(candleView),
        gaps: coverage.gaps.map(gapView),
        history,
      };
    },
  });
}

/** Clients count the ticks of one symbol: the feed's sequence stays inside. */
const tickView = ({ symbol, symbolSequence, timestamp, price, quantity, side, bid, ask }: HistoricalTick) => ({
  symbol,
  sequence: Number(symbolSequence),
  timestamp,
  price,
  quantity,
  side,
  bid,
  ask,
});

const candleView = ({ openTimeMs, ...figures }: ChartCandle) => ({ openTime: iso(openTimeMs), ...figures });

const gapView = ({ fromMs, untilMs, reason }: FeedGap) => ({ from: iso(fromMs), until: iso(untilMs), reason });

const iso = (epochMs: number) => new Date(epochMs).toISOString();

/** The period asked for: up to now when no end is given, as long as `defaultMs` when no start is. */
function rangeOf(from: string | undefined, to: string | undefined, now: number, defaultMs: number) {
  const untilMs = to === undefined ? now + 1 : momentOf("to", to);
  const fromMs = from === undefined ? untilMs - defaultMs : momentOf("from", from);
  if (fromMs >= untilMs) throw badRequest("INVALID_RANGE", "from must be before to");
  return { fromMs, untilMs };
}

function momentOf(name: string, text: string): number {
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs)) throw badRequest("INVALID_RANGE", `${name} "${text}" is not a moment that exists`);
  return epochMs;
}
