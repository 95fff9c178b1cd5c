/**
 * A price or an amount of lira as whole kuruş: every price that Borsa İstanbul quotes for shares is a multiple of one.
 * A bigint, so that no amount of money ever passes through a floating-point number.
 */
export type Kurus = bigint;

const decimalText = /^(\d{1,15})(?:\.(\d+))?$/;

/**
 * Reads "2.04", "2" or the broker's "44.000000".
 * @throws RangeError when the text is not a plain non-negative decimal, or has more than whole kuruş.
 */
export function parsePrice(text: string): Kurus {
  const match = decimalText.exec(text);
  if (match === null) throw new RangeError(`"${text}" is not a price; use lira with a decimal point, such as "2.04"`);
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > 2) throw new RangeError(`price "${text}" has a fraction of a kuruş; use at most two decimals`);
  return BigInt(match[1] ?? "0") * 100n + BigInt(fraction.padEnd(2, "0"));
}

/** Lira with two decimals: 204n is "2.04". */
export function formatPrice(price: Kurus): string {
  const sign = price < 0n ? "-" : "";
  const digits = (price < 0n ? -price : price).toString().padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
