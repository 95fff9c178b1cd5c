import type { Kurus } from "../bist/price";
import type { Lots } from "../bist/lots";

export interface Holding {
  quantity: Lots;
  /** What the shares cost in all. */
  cost: Kurus;
}

export interface StatementEntry {
  readonly at: Date;
  readonly explanation: string;
  readonly debit: Kurus;
  readonly credit: Kurus;
  readonly balance: Kurus;
}

/** A customer's money and shares. Trades settle at once; the three settlement days show the same figure. */
export class Account {
  readonly holdings = new Map<string, Holding>();
  readonly statement: StatementEntry[] = [];

  constructor(
    readonly customer: string,
    public cash: Kurus,
  ) {}

  holding(symbol: string): Lots {
    return this.holdings.get(symbol)?.quantity ?? 0n;
  }

  /** Books a fill. A sale takes cost out in proportion, so that the average cost stays. */
  book(symbol: string, side: "BUY" | "SELL", quantity: Lots, price: Kurus, at: Date): void {
    const value = quantity * price;
    const holding = this.holdings.get(symbol) ?? { quantity: 0n, cost: 0n };
    if (side === "BUY") {
      holding.cost += value;
      holding.quantity += quantity;
      this.cash -= value;
    } else {
      holding.cost -= (holding.cost * quantity) / holding.quantity;
      holding.quantity -= quantity;
      this.cash += value;
    }
    if (holding.quantity === 0n) this.holdings.delete(symbol);
    else this.holdings.set(symbol, holding);
    this.statement.push({
      at,
      explanation: `${symbol} ${side === "BUY" ? "Alış" : "Satış"} ${quantity}`,
      debit: side === "BUY" ? value : 0n,
      credit: side === "SELL" ? value : 0n,
      balance: this.cash,
    });
  }
}
