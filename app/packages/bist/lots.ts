/** A number of shares. On Borsa İstanbul one lot is one share. */
export type Lots = bigint;

/**
 * Reads a quantity: "100", or the broker's "100.000000".
 * @throws RangeError when the text is not a whole, non-negative number of lots.
 */
export function parseLots(text: string): Lots {
  const match = /^(\d{1,15})(?:\.0+)?$/.exec(text);
  if (match === null)
    throw new RangeError(`"${text}" is not a quantity; use whole lots (one lot is one share), such as "100"`);
  return BigInt(match[1] ?? "0");
}
