/**
 * How codes of instruments look, 3 to 12 characters: GARAN, ALTINS1, THYAO.E with the exchange's feature code, F_XU0301226
 * for a future. No lookahead, so that every reader of the OpenAPI document understands it.
 */
export const symbolPattern = "^(F_[A-Z0-9]{3,10}|[A-Z][A-Z0-9]{2,11}|[A-Z][A-Z0-9]{2,8}\\.[A-Z][A-Z0-9]?)$";

/** The BIST 30 index, list valid to about 30 September 2026: what the simulator trades and a fresh platform lists. */
export const bist30: readonly string[] =
  `AEFES AKBNK ASELS ASTOR BIMAS DSTKF EKGYO ENKAI EREGL FROTO GARAN GUBRF ISCTR KCHOL KRDMD MGROS PETKM PGSUS
  SAHOL SASA SISE TAVHL TCELL THYAO TOASO TRALT TTKOM TUPRS VAKBN YKBNK`.split(/\s+/);

/** A code without its feature, and the feature: THYAO.E is THYAO with E, GARAN is GARAN without one. */
export function splitSymbol(symbol: string): { readonly base: string; readonly feature: string | undefined } {
  const [base = "", feature] = symbol.split(".");
  return { base, feature };
}

/**
 * Whether two codes may name one instrument. Whether the broker lists an order for THYAO.E as THYAO.E or THYAO, and one
 * for ALTIN.S1 as ALTINS1, is not documented: each is taken for the other.
 */
export function mayBeSameInstrument(one: string, other: string): boolean {
  return (
    one === other ||
    one.replace(".", "") === other.replace(".", "") ||
    splitSymbol(one).base === splitSymbol(other).base
  );
}
