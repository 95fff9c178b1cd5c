import { Type } from "typebox";
import type { TSchema } from "typebox";
import type { Kit } from "../../../packages/kit/service";
import { notFound } from "../../../packages/kit/http/problem";
import type { Board } from "../domain/board";
import { BookSchema, ManySymbols, QuoteSchema, SymbolParams } from "./schemas";
import { bookJson, quoteJson } from "./views";

const json = "application/json; charset=utf-8";
const tags = ["market data"];

/** Documents an answer that is sent as text, serialized before the request came. */
const answers = (schema: TSchema): Record<string, TSchema> => ({ 200: schema });

/** Latest quotes and order books, from memory and serialized already. */
export function quoteRoutes({ app }: Kit, board: Board): void {
  app.get("/api/v1/market-data/quotes", {
    config: { access: "market:read" },
    schema: {
      tags,
      summary: "Latest quotes; of every symbol when none is named",
      querystring: Type.Object({ symbols: Type.Optional(ManySymbols) }),
      response: answers(Type.Array(QuoteSchema)),
    },
    handler: (request, reply) => {
      const { symbols } = request.query;
      const wanted = symbols === undefined ? [...board.all()].map(([symbol]) => symbol).sort() : symbols.split(",");
      const quotes = wanted.flatMap((symbol) => board.quote(symbol) ?? []).map(quoteJson);
      return reply.type(json).send(`[${quotes.join()}]`);
    },
  });

  app.get("/api/v1/market-data/quotes/:symbol", {
    config: { access: "market:read", problems: { 404: ["QUOTE_NOT_FOUND"] } },
    schema: {
      tags,
      summary: "Latest quote of a symbol",
      params: SymbolParams,
      response: answers(QuoteSchema),
    },
    handler: (request, reply) => {
      const { symbol } = request.params;
      const quote = board.quote(symbol);
      if (quote === undefined) throw notFound("QUOTE_NOT_FOUND", `no tick of ${symbol} has been seen`);
      return reply.type(json).send(quoteJson(quote));
    },
  });

  app.get("/api/v1/market-data/order-book/:symbol", {
    config: { access: "market:read", problems: { 404: ["ORDER_BOOK_NOT_FOUND"] } },
    schema: {
      tags,
      summary: "Order book of a symbol, best price first",
      params: SymbolParams,
      response: answers(BookSchema),
    },
    handler: (request, reply) => {
      const { symbol } = request.params;
      const book = board.book(symbol);
      if (book === undefined) throw notFound("ORDER_BOOK_NOT_FOUND", `no order book of ${symbol} has been seen`);
      return reply.type(json).send(bookJson(book));
    },
  });
}
