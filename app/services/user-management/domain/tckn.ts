/**
 * Whether `text` is a Turkish identity number: eleven digits, not starting with 0, the last two of which check the
 * others. Whether it was ever issued is not checked.
 *
 * Tenth digit: seven times the sum of the odd places, less the sum of the even ones, modulo 10. Eleventh: the sum of the
 * first ten, modulo 10. (General Directorate of Population and Citizenship Affairs)
 */
export function isTckn(text: string): boolean {
  if (!/^[1-9]\d{10}$/.test(text)) return false;
  const digits = Array.from(text, Number);
  const sum = (of: readonly number[]) => of.reduce((total, digit) => total + digit, 0);
  const odd = sum(digits.slice(0, 9).filter((_, index) => index % 2 === 0));
  const even = sum(digits.slice(0, 9).filter((_, index) => index % 2 === 1));
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return digits[9] === tenth && digits[10] === sum(digits.slice(0, 10)) % 10;
}

/** All but the last two digits hidden, for its owner to recognise. */
export const maskTckn = (tckn: string): string => `*********${tckn.slice(-2)}`;
