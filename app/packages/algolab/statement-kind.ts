import type { Side } from "./broker-order";
import type { StatementRow } from "./account-statement";
import { fold } from "./fold";

export type StatementKind = "TRADE" | "CASH" | "FEE" | "TAX" | "CARRIED_OVER" | "OTHER";

/** The trade that a row of shares or of lira came from. Amounts are decimal text. */
export interface StatedTrade {
  readonly reference: string;
  /** Istanbul date, yyyy-MM-dd. */
  readonly tradingDay: string;
  readonly side: Side;
  readonly price: string;
  /** Whole shares; null where only the row of lira says it. */
  readonly quantity: string | null;
  /** Null on a row of shares, whose text does not name them. */
  readonly symbol: string | null;
}

/** What was understood of a row of the account statement. */
export interface StatementMeaning {
  readonly kind: StatementKind;
  readonly trade: StatedTrade | null;
}

/**
 * `26/07/2024 Ref = FO1AB2 HS 22.560000` moves shares, `26/07/2024 Ref = FO1AB3 HA 38.64x44 ARDYZ` the lira for them: HS
 * is a sale, HA a purchase.
 */
const tradePattern =
  /^(\d{2})\/(\d{2})\/(\d{4}) Ref\s*=\s*(\w+) (HA|HS) (\d{1,15}(?:\.\d+)?)(?:x(\d{1,15})(?:\.0+)? ([A-Z0-9.]{3,20}))?$/;

/** Words that a row of costs may have. How the broker writes such rows is not published: any other text is OTHER. */
const costs: readonly (readonly [StatementKind, RegExp])[] = [
  ["TAX", /\b(bsmv|stopaj|vergi|vergisi)\b/],
  ["FEE", /\b(komisyon|komisyonu|ucret|ucreti)\b/],
];

/** Reads what the text of a row says, as far as texts of the broker are known. Never throws. */
export function statementMeaning({ explanation, debit, credit }: StatementRow): StatementMeaning {
  const [, day, month, year, reference, code, price, shares, symbol] = tradePattern.exec(explanation.trim()) ?? [];
  if (reference !== undefined && price !== undefined) {
    const side = code === "HS" ? "SELL" : "BUY";
    const moved = wholeShares(side === "SELL" ? debit : credit);
    const trade = { reference, tradingDay: `${year}-${month}-${day}`, side, price } as const;
    return symbol === undefined
      ? { kind: "TRADE", trade: { ...trade, quantity: moved, symbol: null } }
      : { kind: "CASH", trade: { ...trade, quantity: shares ?? null, symbol } };
  }
  const text = fold(explanation);
  if (/^devir\b/.test(text)) return { kind: "CARRIED_OVER", trade: null };
  return { kind: costs.find(([, words]) => words.test(text))?.[0] ?? "OTHER", trade: null };
}

function wholeShares(text: string | undefined): string | null {
  return /^(\d{1,15})(?:\.0+)?$/.exec(text ?? "")?.[1] ?? null;
}
