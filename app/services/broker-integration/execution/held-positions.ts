import { Decimal } from "decimal.js";
import type { BrokerPosition } from "../../../packages/algolab/messages";
import type { ReadRow } from "../../../packages/algolab/reading";
import type { StoredPosition } from "../store/views";

const Exact = Decimal.clone({ precision: 60 });

/** What the broker's rows say of the holdings, a position a share. */
export interface HeldPositions {
  readonly positions: readonly StoredPosition[];
  /** Shares that are held, but how many is not known: rows of them cannot be read, or contradict one another. */
  readonly unclear: readonly string[];
  /** Rows that cannot be read and do not say of which share they are. */
  readonly nameless: number;
  /** Rows whose figures were not taken. */
  readonly unreadable: number;
  /** What is wrong with shares that are listed several times. */
  readonly problems: readonly ReadRow[];
}

/**
 * A share may be listed several times: its parts are summed, at the average of their costs. A row of nothing beside them adds
 * nothing, and rows that are alike in everything are the same one. Parts at two prices of one moment contradict each other.
 */
export function heldPositions(rows: readonly BrokerPosition[]): HeldPositions {
  const positions: StoredPosition[] = [];
  const unclear: string[] = [];
  const problems: ReadRow[] = [];
  let unreadable = 0;
  const bySymbol = Map.groupBy(rows, ({ symbol }) => symbol);
  for (const [symbol, listed] of bySymbol) {
    if (symbol === undefined) continue;
    const read = listed.flatMap((row) => heldPosition(row) ?? []);
    const note = (found: string) => problems.push({ problems: [{ field: "code", found }] });
    const distinct = [...new Map(read.map((position) => [JSON.stringify(position), position])).values()];
    if (distinct.length < read.length) note(`listed ${read.length} times, alike`);
    const sum = read.length === listed.length ? summed(distinct) : undefined;
    if (sum !== undefined) {
      positions.push(sum);
      continue;
    }
    unclear.push(symbol);
    unreadable += read.length === listed.length ? listed.length : listed.length - read.length;
    if (read.length === listed.length) note(`listed ${listed.length} times, and its rows contradict`);
  }
  const nameless = bySymbol.get(undefined)?.length ?? 0;
  return { positions, unclear, nameless, unreadable: unreadable + nameless, problems };
}

/** @returns undefined for parts that contradict one another, or whose sum is beyond what is stored */
function summed(parts: readonly StoredPosition[]): StoredPosition | undefined {
  const some = parts.filter(({ quantity }) => quantity !== "0");
  const [first, ...others] = some.length === 0 ? parts : some;
  if (first === undefined || others.length === 0) return first;
  const all = [first, ...others];
  if (others.some(({ lastPrice }) => !new Exact(lastPrice).equals(first.lastPrice))) return undefined;
  const sumOf = (amount: (position: StoredPosition) => Decimal.Value) =>
    all.reduce((sum, position) => sum.plus(amount(position)), new Exact(0));
  const quantity = sumOf((position) => position.quantity);
  const averageCost = quantity.isZero()
    ? new Exact(first.averageCost)
    : sumOf((position) => new Exact(position.quantity).times(position.averageCost)).dividedBy(quantity);
  const sum = {
    symbol: first.symbol,
    quantity: quantity.toFixed(),
    averageCost: averageCost.toDecimalPlaces(12).toFixed(),
    lastPrice: first.lastPrice,
    marketValue: sumOf(({ marketValue }) => marketValue).toFixed(),
    profit: sumOf(({ profit }) => profit).toFixed(),
  };
  return fits(sum) ? sum : undefined;
}

/** Undefined for a row that cannot be read, or whose figures are beyond what is stored. */
function heldPosition({ symbol, quantity, cost, lastPrice, marketValue, profit }: BrokerPosition) {
  if (symbol === undefined || quantity === undefined || cost === undefined || lastPrice === undefined) return undefined;
  if (marketValue === undefined || profit === undefined) return undefined;
  const position: StoredPosition = { symbol, quantity, averageCost: cost, lastPrice, marketValue, profit };
  return fits(position) ? position : undefined;
}

const fits = ({ quantity, averageCost, lastPrice, marketValue, profit }: StoredPosition): boolean =>
  [averageCost, lastPrice].every((text) => wholeDigits(text) <= 12) &&
  [quantity, marketValue, profit].every((text) => wholeDigits(text) <= 18);

const wholeDigits = (text: string): number => (text.replace("-", "").split(".")[0] ?? "").length;
