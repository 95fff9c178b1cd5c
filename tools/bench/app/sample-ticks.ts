import type { Tick } from "../../../app/services/market-data/domain/tick";

/** As many shares as the exchange lists. */
const listed = 500;

/** Codes that no listed share has. */
export const sampleSymbols: readonly string[] = Array.from({ length: listed }, (_, index) => `BX${index + 100}`);

/** The tick of a number: always the same for the same number and time. */
export function sampleTick(number: number, epochMs: number, symbols = sampleSymbols): Tick {
  const price = 10_000 + (number % 211);
  return {
    symbol: symbols[number % symbols.length] ?? "",
    market: "IMKBH",
    timestamp: istanbulTime(epochMs),
    epochMs,
    price: lira(price),
    quantity: String(1 + (number % 997)),
    side: number % 2 === 0 ? "BUY" : "SELL",
    bid: lira(price - 1),
    ask: lira(price + 1),
  };
}

/** A `T` frame of the broker, with every member that it has. */
export function tickFrame({ symbol, timestamp, price, quantity, side, bid, ask }: Tick): string {
  return (
    `{"Type":"T","Content":{"Symbol":"${symbol}","Market":"IMKBH","Price":${price},"Change":0.05,"Ask":${ask ?? 0},` +
    `"Bid":${bid ?? 0},"Date":"${timestamp}","ChangePercentage":0.04,"High":102.11,"Low":100.00,` +
    `"TradeQuantity":${quantity},"Direction":"${side === "BUY" ? "B" : "S"}","RefPrice":100.05,` +
    `"BalancePrice":0,"BalanceAmount":0,"Buying":"","Selling":""}}`
  );
}

const lira = (kurus: number) => (kurus / 100).toFixed(2);

let last = { epochMs: 0, text: "" };
function istanbulTime(epochMs: number): string {
  if (epochMs !== last.epochMs) {
    last = { epochMs, text: `${new Date(epochMs + 3 * 3_600_000).toISOString().slice(0, 23)}+03:00` };
  }
  return last.text;
}
