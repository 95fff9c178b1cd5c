/** Amounts as whole hundred-millionths: exact for everything that `decimalText` lets through. */
export type Units = bigint;

const decimals = 8;

/** Reads plain decimal text of at most eight decimals. */
export function toUnits(text: string): Units {
  const point = text.indexOf(".");
  if (point < 0) return BigInt(text) * 100_000_000n;
  return BigInt(text.slice(0, point) + text.slice(point + 1).padEnd(decimals, "0"));
}

/** Plain decimal text without trailing zeros, but with at least `places` decimals. */
export function fromUnits(units: Units, places = 0): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const fraction = digits.slice(-decimals).replace(/0+$/, "").padEnd(places, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -decimals)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** `part` of `whole` in percent with two decimals, rounded half away from zero. */
export function percentOf(part: Units, whole: Units): string {
  const half = part < 0n === whole < 0n ? whole : -whole;
  const hundredths = (part * 20_000n + half) / (whole * 2n);
  return fromUnits(hundredths * 1_000_000n, 2);
}
