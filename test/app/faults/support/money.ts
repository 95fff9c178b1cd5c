import { Decimal } from "decimal.js";
import type { BookedFill } from "../../../../app/packages/simulator/account";
import { quotientText } from "../../../../app/packages/simulator/decimals";
import type { Habits } from "../../../../app/packages/simulator/habits";
import type { Simulator } from "../../../../app/packages/simulator/simulator";
import type { Trader } from "../../support/broker";
import type { TestDatabase } from "../../support/postgres";

const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });
const nothing = new Exact(0);
/** Half of the last decimal of what is stored. */
const storedRounding = new Exact("0.0000005");

interface FillRow {
  readonly order_id: string;
  readonly name: string;
  readonly broker_reference: string | null;
  readonly average: string | null;
  readonly average_derived: boolean;
  readonly symbol: string;
  readonly quantity: string;
  readonly price: string;
  readonly cumulative: string;
  readonly price_derived: boolean;
  readonly price_missing: boolean;
  readonly amount: string | null;
  readonly is_copied: boolean;
}

/** What was booked of a share, and by how much the broker's rounding lets it differ from what was paid. */
interface Bought {
  readonly quantity: Decimal;
  readonly amount: Decimal;
  readonly allowed: Decimal;
}

/**
 * What of the money that was booked does not agree with the fills that the broker has, as sentences. The platform sees sums
 * of fills, with an average that the broker rounds: what it booked up to each sum is exact but for that rounding.
 */
export async function brokenMoney(
  database: TestDatabase,
  { exchange, habits }: Pick<Simulator, "exchange" | "habits">,
  { userId, customer }: Trader,
): Promise<string[]> {
  const rows = await database.query<FillRow>(
    `SELECT order_id, 'order ' || client_order_id AS name, broker_reference, average_fill_price AS average,
       average_derived, e.symbol, e.quantity, e.price, cumulative_quantity AS cumulative, e.price_derived,
       price_missing, t.amount,
       coalesce(t.quantity = e.quantity AND t.price = e.price AND t.symbol = e.symbol AND e.symbol = o.symbol
         AND t.transaction_type = e.side AND e.side = o.side AND t.price_derived = e.price_derived, false) AS is_copied
     FROM orders o JOIN executions e USING (order_id) LEFT JOIN transactions t USING (execution_id)
     WHERE o.user_id = $1 ORDER BY order_id, cumulative_quantity`,
    [userId],
  );
  const account = exchange.account(customer);
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string) => {
    if (!holds) problems.push(`${customer}: ${problem}`);
  };
  const bought = new Map<string, Bought>();

  for (const [first, ...others] of byOrder(rows)) {
    if (first === undefined) continue;
    const { name, average, average_derived, symbol } = first;
    const fills = account.fills.filter(({ reference }) => reference === first.broker_reference);
    let booked = nothing;
    for (const row of [first, ...others]) {
      const step = `${name}: the fill up to ${row.cumulative} lots`;
      const amount = new Exact(row.amount ?? 0);
      booked = booked.plus(amount);
      expect(row.is_copied, `${step} has no transaction that says the same`);
      expect(!row.price_missing, `${step} is booked at a price that is assumed`);
      expect(
        amount.minus(new Exact(row.price).times(row.quantity)).abs().lte(storedRounding.times(row.quantity).times(2)),
        `${step} is ${row.quantity} lots at ${row.price}, and not ${amount.toFixed()} lira`,
      );
      const paid = paidFor(fills, BigInt(row.cumulative));
      if (paid === undefined) {
        expect(false, `${step} ends where none of the broker's does`);
        continue;
      }
      expect(
        booked.minus(paid).abs().lte(roundingOf(row.cumulative, habits)),
        `${step} makes ${booked.toFixed()} lira, of ${paid.toFixed()} that were paid`,
      );
      const own = averageAtBroker(paid, row.cumulative, habits);
      expect(
        row.price_derived || (row === first && own.equals(row.price)),
        `${step} is booked at ${row.price} as the broker's own price, which is ${own.toFixed()}`,
      );
    }
    const filled = others.at(-1)?.cumulative ?? first.cumulative;
    const paid = paidFor(fills, BigInt(filled));
    const own = paid && averageAtBroker(paid, filled, habits);
    expect(
      own !== undefined && !average_derived && average !== null && own.equals(average),
      `${name} has the average ${average ?? "none"}${average_derived ? ", derived" : ""}, the broker ${own?.toFixed() ?? "none"}`,
    );
    const before = bought.get(symbol) ?? { quantity: nothing, amount: nothing, allowed: nothing };
    bought.set(symbol, {
      quantity: before.quantity.plus(filled),
      amount: before.amount.plus(booked),
      allowed: before.allowed.plus(roundingOf(filled, habits)),
    });
  }

  const positions = await database.query<{ symbol: string; quantity: string; average_cost: string }>(
    "SELECT symbol, quantity, average_cost FROM positions WHERE user_id = $1",
    [userId],
  );
  const shown = positions.map(({ symbol }) => symbol).toSorted();
  expect(shown.join() === [...bought.keys()].toSorted().join(), `positions of ${shown.join()} are not what was bought`);
  for (const { symbol, quantity, average_cost } of positions) {
    const {
      quantity: lots,
      amount,
      allowed,
    } = bought.get(symbol) ?? { quantity: nothing, amount: nothing, allowed: nothing };
    const cost = new Exact(average_cost).times(quantity);
    expect(lots.equals(quantity), `the position is ${quantity} ${symbol}, of ${lots.toFixed()} that were booked`);
    const stored = storedRounding.times(quantity).times(2);
    expect(
      cost.minus(amount).abs().lte(allowed.plus(stored)),
      `the position of ${symbol} cost ${cost.toFixed()}, of ${amount.toFixed()} that were booked`,
    );
    const atBroker = liraOf(account.holdings.get(symbol)?.cost ?? 0n);
    expect(
      cost.minus(atBroker).abs().lte(stored),
      `the position of ${symbol} cost ${cost.toFixed()}, at the broker ${atBroker.toFixed()}`,
    );
  }
  return problems;
}

const byOrder = (rows: readonly FillRow[]) => Map.groupBy(rows, ({ order_id }) => order_id).values();

const liraOf = (kurus: bigint): Decimal => new Exact(kurus.toString()).dividedBy(100);

/** Lira of the first so many lots of an order; undefined where no fill ends there. */
function paidFor(fills: readonly BookedFill[], lots: bigint): Decimal | undefined {
  let [quantity, paid] = [0n, 0n];
  for (const fill of fills) {
    quantity += fill.quantity;
    paid += fill.quantity * fill.price;
    if (quantity === lots) return liraOf(paid);
  }
  return undefined;
}

/** The average as the broker lists it. */
function averageAtBroker(paid: Decimal, lots: string, { averageDecimals, averageRounding }: Habits): Decimal {
  const kurus = BigInt(paid.times(100).toFixed());
  return new Exact(quotientText(kurus, BigInt(lots) * 100n, averageDecimals, averageRounding));
}

/**
 * By how much a sum of so many lots may differ from what was paid: what the broker's rounding of the average makes of it, and
 * that of what is stored. What bounds of a price keep out of one step leaves no more than that either.
 */
function roundingOf(lots: string, { averageDecimals, averageRounding }: Habits): Decimal {
  const unit = new Exact(10).pow(-averageDecimals);
  const mostOfOne = averageRounding === "halfUp" ? unit.dividedBy(2) : unit;
  return mostOfOne.plus(storedRounding).times(lots);
}
