import { Type } from "typebox";
import type { Kit } from "../../../packages/kit/service";
import { badRequest } from "../../../packages/kit/http/problem";
import { readCandles } from "../store/candle-store";
import type { Candle } from "../store/candle-store";
import { intervals, openTimeOf } from "../domain/interval";
import type { Interval } from "../domain/interval";
import { feedGapsBetween } from "../store/feed-gaps";
import type { FeedGap } from "../store/feed-gaps";
import { readTicks } from "../store/tick-history";
import type { HistoricalTick } from "../store/tick-history";
import { cursorOf, parseCursor } from "./cursor";
import { CandleSchema, GapSchema, IntervalSchema, Moment, SymbolParams, SymbolText, TickSchema } from "./schemas";

const tags = ["market data"];
const dayMs = 86_400_000;
const mostCandles = 2_000;

/** What was traded: ticks one by one, and candles made of them. */
export function historyRoutes({ app, clock, database }: Kit): void {
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
        "`gaps` are the times in which the market traded and the feed was away: a period without a candle in one of them says nothing about the market.",
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
        }),
      },
    },
    handler: async (request) => {
      const { interval, from, to, limit } = request.query;
      const { symbol } = request.params;
      const asked = rangeOf(from, to, clock.now(), limit * intervals[interval]);
      const range = { fromMs: openTimeOf(interval, asked.fromMs), untilMs: asked.untilMs, limit };
      const candles = await readCandles(database, symbol, interval, range);
      const gaps = await feedGapsBetween(database, range.fromMs, range.untilMs);
      const now = clock.now();
      return {
        symbol,
        interval,
        candles: candles.map((candle) => candleView(candle, interval, gaps, now)),
        gaps: gaps.map(gapView),
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

function candleView({ openTimeMs, ...figures }: Candle, interval: Interval, gaps: readonly FeedGap[], now: number) {
  const endMs = openTimeMs + intervals[interval];
  const broken = gaps.some(({ fromMs, untilMs }) => fromMs < endMs && untilMs > openTimeMs);
  return { openTime: iso(openTimeMs), ...figures, complete: endMs <= now && !broken };
}

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
