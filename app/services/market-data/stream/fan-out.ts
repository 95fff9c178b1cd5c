import type { BookSnapshot } from "../domain/order-book";
import type { TickBatch } from "../store/tick-store";

/** Channel on which the leader publishes stored ticks. */
export const ticksChannel = "market-ticks";
/** Channel of changed order books. */
export const booksChannel = "market-books";

export const encodeBatch = ({ firstSequence, lastSequence, lines }: TickBatch) =>
  `${firstSequence} ${lastSequence}\n${lines}`;

/** @returns undefined for what is no batch: what another process writes to Redis must not stop a replica */
export function decodeBatch(message: string): TickBatch | undefined {
  const match = /^(\d{1,15}) (\d{1,15})\n/.exec(message);
  if (match === null) return undefined;
  return { firstSequence: Number(match[1]), lastSequence: Number(match[2]), lines: message.slice(match[0].length) };
}

export const encodeBooks = (books: readonly BookSnapshot[]) => JSON.stringify(books);

/** @returns what of the message is an order book */
export function decodeBooks(message: string): BookSnapshot[] {
  try {
    const books: unknown = JSON.parse(message);
    return Array.isArray(books) ? books.filter(isBook) : [];
  } catch {
    return [];
  }
}

const isBook = (value: unknown): value is BookSnapshot =>
  typeof value === "object" &&
  value !== null &&
  "symbol" in value &&
  typeof value.symbol === "string" &&
  "version" in value &&
  Number.isSafeInteger(value.version) &&
  "bids" in value &&
  Array.isArray(value.bids) &&
  "asks" in value &&
  Array.isArray(value.asks);
