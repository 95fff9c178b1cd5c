import { parseLots } from "../bist/lots";
import type { Lots } from "../bist/lots";
import type { Side } from "./broker-order";
import { fieldsOf } from "./envelope";
import { decimalText, readRows } from "./reading";
import type { ReadRow, RowReader } from "./reading";

/** One row of AccountExtre: shares that moved, or lira. Amounts are decimal text; "" where a row has none. */
export interface StatementRow extends ReadRow {
  /** As the broker writes it, ISO without offset. */
  readonly date: string;
  readonly explanation: string;
  readonly debit: string | undefined;
  readonly credit: string | undefined;
  readonly balance: string | undefined;
  readonly valueDate: string;
}

export interface AccountStatement {
  readonly equity: readonly StatementRow[];
  readonly futures: readonly StatementRow[];
}

/** @throws SyntaxError without a list of shares: that is no statement without rows */
export function parseAccountStatement(content: unknown): AccountStatement {
  const fields = fieldsOf(content);
  if (fields === undefined) throw new SyntaxError("expected an object");
  return {
    equity: statementRows(fields.get("accountextre")),
    futures: statementRows(fields.get("viopextre") ?? []),
  };
}

const statementRows = (content: unknown): StatementRow[] =>
  readRows(content, (row) => (isNothing(row) ? undefined : statementRow(row))).filter((row) => row !== undefined);

/** A row of dashes is what the broker sends where there is nothing. */
const isNothing = (row: RowReader) => ["debit", "credit", "balance"].every((name) => row.text(name) === "-");

function statementRow(row: RowReader): StatementRow {
  const amount = (text: string) => (text === "" ? "" : decimalText(text));
  return {
    // Rows of futures name what they have of it otherwise.
    date: row.text("transdate") || row.text("transactiondate"),
    explanation: row.text("explanation") || row.text("contract"),
    debit: row.field("debit", amount),
    credit: row.field("credit", amount),
    balance: row.field("balance", amount),
    valueDate: row.text("valuedate"),
    problems: row.problems,
  };
}

/** Shares that an order of a past day moved. */
export interface StatementFill {
  readonly reference: string;
  /** Istanbul date of the trade, yyyy-MM-dd. */
  readonly tradingDay: string;
  readonly side: Side;
  readonly quantity: Lots;
  /** Lira as decimal text. */
  readonly price: string;
}

/** `26/07/2024 Ref = FO1AB2 HS 22.560000`: HS is a sale, its shares the debit; HA a purchase, its shares the credit. */
const fillExplanation = /^(\d{2})\/(\d{2})\/(\d{4}) Ref\s*=\s*(\w+) (HA|HS) (\d{1,15}(?:\.\d+)?)$/;

/** Undefined for rows of lira, of balances carried over, and others that are not a fill. */
export function statementFill({ explanation, debit, credit }: StatementRow): StatementFill | undefined {
  const [, day, month, year, reference, kind, price] = fillExplanation.exec(explanation) ?? [];
  if (reference === undefined || price === undefined) return undefined;
  const quantity = kind === "HS" ? debit : credit;
  if (quantity === undefined) return undefined;
  try {
    const lots = parseLots(quantity);
    if (lots === 0n) return undefined;
    return {
      reference,
      tradingDay: `${year}-${month}-${day}`,
      side: kind === "HS" ? "SELL" : "BUY",
      quantity: lots,
      price,
    };
  } catch {
    return undefined;
  }
}
