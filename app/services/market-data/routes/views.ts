import type { Static } from "typebox";
import type { BookSnapshot } from "../domain/order-book";
import type { Quote } from "../domain/quote";
import type { QuoteSchema } from "./schemas";

/** What clients see. `sequence` counts the ticks of the symbol without a hole. */
function quoteView(quote: Quote): Static<typeof QuoteSchema> {
  const { symbol, market, symbolSequence, timestamp, price, quantity, side, bid, ask, ...day } = quote.save();
  const { change } = quote;
  return {
    symbol,
    market,
    sequence: symbolSequence,
    timestamp,
    price,
    quantity,
    side: side ?? null,
    bid: bid ?? null,
    ask: ask ?? null,
    tradingDay: day.tradingDay,
    open: day.open,
    high: day.high,
    low: day.low,
    volume: day.volume,
    trades: day.trades,
    previousClose: day.previousClose ?? null,
    change: change?.amount ?? null,
    changePercent: change?.percent ?? null,
  };
}

const quoteTexts = new WeakMap<Quote, { readonly symbolSequence: number; readonly json: string }>();

/** The quote as JSON, made once a change for all clients: every tick has a sequence of its own. */
export function quoteJson(quote: Quote): string {
  const { symbolSequence } = quote;
  const known = quoteTexts.get(quote);
  if (known?.symbolSequence === symbolSequence) return known.json;
  const json = JSON.stringify(quoteView(quote));
  quoteTexts.set(quote, { symbolSequence, json });
  return json;
}

const bookTexts = new WeakMap<BookSnapshot, string>();

/** The order book as JSON, made once a snapshot for all clients. */
export function bookJson(book: BookSnapshot): string {
  let json = bookTexts.get(book);
  if (json === undefined) bookTexts.set(book, (json = JSON.stringify(book)));
  return json;
}
