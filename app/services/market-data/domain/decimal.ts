import { Decimal } from "decimal.js";

const plain = /^-?\d{1,15}(?:\.\d{1,8})?$/;
const scientific = /^-?\d{1,15}(?:\.\d{1,15})?[eE][+-]?\d{1,2}$/;

/** A decimal text in plain notation, or `undefined` when it is not a number of at most 15 and 8 digits. */
export function decimalText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (plain.test(text)) return text;
  if (!scientific.test(text)) return undefined;
  const written = new Decimal(text).toFixed();
  return plain.test(written) ? written : undefined;
}

/** Whether a plain decimal text is more than zero. */
export function isPositive(text: string): boolean {
  return !text.startsWith("-") && /[1-9]/.test(text);
}
