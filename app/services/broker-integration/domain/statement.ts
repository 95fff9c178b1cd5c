import type { Side } from "./order";

export const statementKinds = ["TRADE", "CASH", "FEE", "TAX", "CARRIED_OVER", "OTHER"] as const;

/** A row of the account statement: the broker's own, and what was understood of it. Amounts are decimal text. */
export interface StatementEntry {
  readonly market: "EQUITY" | "FUTURES";
  /** As the broker writes it. */
  readonly date: string;
  readonly valueDate: string;
  readonly explanation: string;
  /** Null where the row has none, and where it cannot be read. */
  readonly debit: string | null;
  readonly credit: string | null;
  readonly balance: string | null;
  readonly kind: (typeof statementKinds)[number];
  readonly trade: {
    readonly reference: string;
    readonly tradingDay: string;
    readonly side: Side;
    readonly price: string;
    readonly quantity: string | null;
    readonly symbol: string | null;
  } | null;
  /** The broker's names of fields that could not be read. */
  readonly unreadable: readonly string[];
}

export interface StoredStatement {
  readonly rows: readonly StatementEntry[];
}
