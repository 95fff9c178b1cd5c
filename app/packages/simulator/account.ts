import type { Kurus } from "../bist/price";
import type { Lots } from "../bist/lots";

export interface Holding {
  quantity: Lots;
  /** What the shares cost in all. */
  cost: Kurus;
}

/** A fill as the account's books have it. */
export interface BookedFill {
  readonly at: Date;
  readonly reference: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly quantity: Lots;
  readonly price: Kurus;
}

/** The sub-account that "" means. */
export const firstSubAccount = "100";

/** Money and shares of a customer's sub-account. Trades settle at once; the three settlement days show the same figure. */
export class Account {
  readonly holdings = new Map<string, Holding>();
  readonly fills: BookedFill[] = [];

  constructor(
    readonly customer: string,
    public cash: Kurus,
    readonly number: string = firstSubAccount,
  ) {}

  holding(symbol: string): Lots {
    return this.holdings.get(symbol)?.quantity ?? 0n;
  }

  /** Books a fill. A sale takes cost out in proportion, so that the average cost stays. */
  book(fill: BookedFill): void {
    const { symbol, side, quantity, price } = fill;
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
    this.fills.push(fill);
  }
}
