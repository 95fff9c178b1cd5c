import { Type } from "typebox";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import { sessionAt } from "../../../packages/bist/calendar-session";
import type { Kit } from "../../../packages/kit/service";
import { badRequest, notFound } from "../../../packages/kit/http/problem";
import { Instant } from "../../../packages/kit/http/schema";
import { findSymbol, searchSymbols } from "../store/symbols";
import { DateText, SymbolParams, SymbolText } from "./schemas";

const SymbolSchema = Type.Object({
  symbol: SymbolText,
  name: Type.String(),
  market: Type.String(),
  indices: Type.Array(Type.String()),
});

const DaySchema = Type.Object({
  date: DateText,
  kind: Type.Union([Type.Literal("FULL"), Type.Literal("HALF"), Type.Literal("CLOSED")]),
  reason: Type.Optional(Type.String()),
  certainty: Type.Union([Type.Literal("PUBLISHED"), Type.Literal("ESTIMATED")]),
});

const SessionSchema = Type.Object({
  phase: Type.String(),
  acceptsOrders: Type.Boolean(),
  until: Instant(),
  nextPhase: Type.String(),
  day: DaySchema,
});

const dayMs = 86_400_000;
const mostDays = 400;

/** What changes by the day at most: symbols, trading days, the session. */
export function referenceRoutes({ app, clock, database }: Kit, calendar: TradingCalendar): void {
  app.get("/api/v1/symbols", {
    config: { access: "market:read" },
    schema: {
      tags: ["symbols"],
      summary: "Symbols; those whose code or name begins so, when `query` is given",
      querystring: Type.Object({
        query: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
        index: Type.Optional(SymbolText),
      }),
      response: { 200: Type.Array(SymbolSchema) },
    },
    handler: (request) => searchSymbols(database, request.query),
  });

  app.get("/api/v1/symbols/:symbol", {
    config: { access: "market:read", problems: { 404: ["INVALID_SYMBOL"] } },
    schema: {
      tags: ["symbols"],
      summary: "One symbol",
      params: SymbolParams,
      response: { 200: SymbolSchema },
    },
    handler: async (request) => {
      const found = await findSymbol(database, request.params.symbol);
      if (found === undefined) throw notFound("INVALID_SYMBOL", `${request.params.symbol} is not a known symbol`);
      return found;
    },
  });

  app.get("/api/v1/market-data/session", {
    config: { access: "market:read" },
    schema: {
      tags: ["trading session"],
      summary: "What the equity market does now",
      response: { 200: SessionSchema },
    },
    handler: () => {
      const { untilMs, ...session } = sessionAt(calendar, clock.now());
      return { ...session, until: new Date(untilMs).toISOString() };
    },
  });

  app.get("/api/v1/market-data/calendar", {
    config: { access: "market:read", problems: { 400: ["INVALID_RANGE"] } },
    schema: {
      tags: ["trading session"],
      summary: "Trading days, half days and holidays, both ends included",
      querystring: Type.Object({ from: DateText, to: DateText }),
      response: { 200: Type.Array(DaySchema) },
    },
    handler: (request) => {
      const [from, to] = [Date.parse(`${request.query.from}T00:00:00Z`), Date.parse(`${request.query.to}T00:00:00Z`)];
      const days = (to - from) / dayMs + 1;
      if (!(days >= 1 && days <= mostDays)) {
        throw badRequest(
          "INVALID_RANGE",
          `from and to must be dates, from not after to, at most ${mostDays} days apart`,
        );
      }
      return Array.from({ length: days }, (_, day) =>
        calendar.day(new Date(from + day * dayMs).toISOString().slice(0, 10)),
      );
    },
  });
}
