import { bist30 } from "./symbols";

/** What is traded, as far as the exchange's rules differ. */
export const instrumentKinds = ["SHARE", "FUND", "CERTIFICATE", "RIGHT", "WARRANT", "FUTURE"] as const;
export type InstrumentKind = (typeof instrumentKinds)[number];

/**
 * The exchange's feature codes, which follow a dot. Sources: borsaistanbul.com, pages "Pay Piyasası" (R), "Fund Market" (F)
 * and "BIST 100" (E); yatirimokulu.qnbfi.com, "Varant İşlem Kodları Nelerdir?" (V); the exchange's announcement of
 * 2 February 2026 as printed by haberler.com, which names GLDTR.F and ALTIN.S1.
 */
export const kindOfFeature: ReadonlyMap<string, InstrumentKind> = new Map([
  ["E", "SHARE"],
  ["F", "FUND"],
  ["R", "RIGHT"],
  ["S1", "CERTIFICATE"],
  ["V", "WARRANT"],
]);

/** Codes whose kind has been published. One that is not here and has no feature has no kind that is known. */
export const listedInstruments: readonly {
  readonly kind: InstrumentKind;
  readonly source: string;
  /** Date of the source. */
  readonly asOf: string;
  readonly codes: readonly string[];
}[] = [
  { kind: "SHARE", source: "the BIST 30 index", asOf: "2026-07-01", codes: bist30 },
  {
    kind: "SHARE",
    source: "the exchange's announcement of index changes, as printed by dunya.com and ekonomim.com",
    asOf: "2025-12-20",
    codes: `BAKAB BERA BINHO BIZIM BORLS BTCIM CANTE CLEBI CUSAN DOKTA DUNYH ECOGR ENERY ESEN FLAP GSDDE IEYHO ISSEN
      IZENR KLRHO MARMR PAGYO PAHOL PASEU QUAGR SANKO SELVA TGSAS TKFEN TRHOL TURSG VAKFA VESTL ZERGY`.split(/\s+/),
  },
  {
    kind: "SHARE",
    source: "the heaviest shares of the BIST 100 index, borsaveyatirim.com",
    asOf: "2025-10-02",
    codes: `AGHOL ARCLK CCOLA ISMEN MAVI MPARK OYAKC RALYH`.split(/\s+/),
  },
  {
    kind: "FUND",
    source: "the exchange's announcement on precious metals, as printed by haberler.com and sinyal.app",
    asOf: "2026-02-02",
    codes: ["GLDTR", "GMSTR", "ISGLK", "ZGOLD"],
  },
  {
    kind: "CERTIFICATE",
    source: "the same announcement, which writes ALTIN.S1; brokers write ALTINS1",
    asOf: "2026-02-02",
    codes: ["ALTIN", "ALTINS1"],
  },
];
