import { type TickBatch } from "./tick-store";

/** Channel on which the replica that stores ticks tells the others. */
export const ticksChannel = "market-ticks";
/** Channel of changed order books. */
export const booksChannel = "market-books";

export const encodeBatch = ({ firstSequence, lastSequence, lines }: TickBatch) =>
  `${firstSequence} ${lastSequence}\n${lines}`;

/** @returns undefined for what is no batch: whoever can write to Redis must not be able to stop a replica */
export function decodeBatch(message: string): TickBatch | undefined {
  const match = /^(\d{1,15}) (\d{1,15})\n/.exec(message);
  if (match === null) return undefined;
  return { firstSequence: Number(match[1]), lastSequence: Number(match[2]), lines: message.slice(match[0].length) };
}
