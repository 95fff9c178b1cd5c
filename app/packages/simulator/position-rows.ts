import { formatPrice } from "../bist/price";
import type { Kurus } from "../bist/price";
import type { Account } from "./account";
import { quotientText, scaledText, trimmed, trimmedPrice } from "./decimals";
import type { Habits } from "./habits";
import type { Market } from "./market";

/** Decimals to which the broker carries the average cost of a share. */
const costPlaces = 12;

/** InstantPosition: the total first, then shares, then Turkish lira. */
export function positionRows(account: Account, market: Market, habits: Habits): Record<string, string>[] {
  const shares = [...account.holdings].map(([symbol, { quantity, cost }]) => {
    const price = market.shares.get(symbol)?.last ?? 0n;
    const average = trimmed(quotientText(cost, quantity * 100n, costPlaces, "halfUp"));
    return {
      maliyet: average,
      totalstock: `${quantity}.000000`,
      code: symbol,
      profit: profitText(quantity, price, average),
      cost: average,
      unitprice: trimmedPrice(price),
      totalamount: "",
      tlamaount: trimmedPrice(quantity * price),
      explanation: symbol,
      type: "CH",
      total: "0",
    };
  });
  const zeros = { maliyet: "0", totalstock: "0", total: "0" };
  const total = {
    ...zeros,
    code: "-",
    profit: "-",
    cost: trimmedPrice(valueOf(account, market) + account.cash),
    unitprice: "0",
    totalamount: habits.positionTotalAmount,
    tlamaount: "0",
    explanation: "total",
    type: "0",
  };
  const lira = {
    ...zeros,
    code: "TRY",
    profit: "0",
    cost: "0",
    unitprice: "1",
    totalamount: "",
    tlamaount: formatPrice(account.cash),
    explanation: "TRY",
    type: "CA",
  };
  return [total, ...shares, lira];
}

/** What all shares are worth now. */
export function valueOf({ holdings }: Account, market: Market): Kurus {
  return [...holdings].reduce(
    (sum, [symbol, { quantity }]) => sum + quantity * (market.shares.get(symbol)?.last ?? 0n),
    0n,
  );
}

/** Value less the rounded cost, with the places that such a product has at the broker: 12, up to 22 for a long cost. */
function profitText(quantity: bigint, price: Kurus, average: string): string {
  const [whole = "0", fraction = ""] = average.split(".");
  const places = Math.max(costPlaces, 10 + fraction.length);
  const scaled = (decimals: string) => BigInt(decimals.padEnd(places, "0"));
  const cost = BigInt(whole) * 10n ** BigInt(places) + scaled(fraction);
  return scaledText(quantity * (price * 10n ** BigInt(places - 2) - cost), places);
}
