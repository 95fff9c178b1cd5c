import { parseExchangeTime } from "../domain/exchange-time";
import type { Side, StoredTick } from "../domain/tick";
import { exchangeTimeSql } from "./sql";

/** Columns in the order of the text below. */
export const tickColumns = `symbol, market, "timestamp", sequence, symbol_sequence, price, quantity, side, bid, ask`;

/**
 * One line of PostgreSQL's COPY text format, which replicas use among themselves as well. Nothing needs escaping:
 * `readTick` lets no tab, line break or backslash through.
 */
export function tickLine(tick: StoredTick): string {
  return `${tick.symbol}\t${tick.market}\t${tick.timestamp}\t${tick.sequence}\t${tick.symbolSequence}\t${tick.price}\t${tick.quantity}\t${tick.side ?? "\\N"}\t${tick.bid ?? "\\N"}\t${tick.ask ?? "\\N"}\n`;
}

/** SQL that writes a row of ticks or quotes as `tickLine` does, without the line break. */
export const tickLineSql = `concat_ws(E'\\t', symbol, market, ${exchangeTimeSql(`"timestamp"`)}, sequence, symbol_sequence,
  price, quantity, coalesce(side, '\\N'), coalesce(bid::text, '\\N'), coalesce(ask::text, '\\N'))`;

/**
 * Reads what `tickLine` wrote.
 * @throws SyntaxError when a line is not one of a tick
 */
export function parseTickLines(text: string): StoredTick[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [symbol, market, timestamp, sequence, symbolSequence, price, quantity, side, bid, ask] = line.split("\t");
      const time = parseExchangeTime(timestamp);
      if (symbol === undefined || market === undefined || price === undefined || quantity === undefined || !time) {
        throw new SyntaxError(`"${line}" is not a tick; expected ${tickColumns} between tabs`);
      }
      return {
        symbol,
        market,
        timestamp: time.text,
        epochMs: time.epochMs,
        sequence: Number(sequence),
        symbolSequence: Number(symbolSequence),
        price,
        quantity,
        side: known(side) as Side | undefined,
        bid: known(bid),
        ask: known(ask),
      };
    });
}

const known = (field: string | undefined) => (field === "\\N" ? undefined : field);
