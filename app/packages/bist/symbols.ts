/** How share symbols look: GARAN, ISCTR, A1CAP. */
export const symbolPattern = "^[A-Z][A-Z0-9]{2,5}$";

/** The BIST 30 index, list valid to about 30 September 2026: what the simulator trades and a fresh platform lists. */
export const bist30: readonly string[] =
  `AEFES AKBNK ASELS ASTOR BIMAS DSTKF EKGYO ENKAI EREGL FROTO GARAN GUBRF ISCTR KCHOL KRDMD MGROS PETKM PGSUS
  SAHOL SASA SISE TAVHL TCELL THYAO TOASO TRALT TTKOM TUPRS VAKBN YKBNK`.split(/\s+/);
