import { byId, element } from "./dom";
import { changePercentOf, direction, lira, signed } from "./format";
import type { Quote } from "./types";

interface Row {
  readonly row: HTMLTableRowElement;
  readonly last: HTMLTableCellElement;
  readonly change: HTMLTableCellElement;
}

/** Every symbol with its last price and the day's change. */
export class WatchList {
  private readonly rows = new Map<string, Row>();
  private readonly filter = byId("watch-filter", HTMLInputElement);

  constructor(private readonly onChosen: (symbol: string) => void) {
    this.filter.addEventListener("input", () => {
      for (const [symbol, { row }] of this.rows) row.hidden = !this.matches(symbol);
    });
  }

  show(symbols: readonly string[]): void {
    this.rows.clear();
    for (const symbol of symbols) this.rows.set(symbol, this.row(symbol));
    byId("watch-rows").replaceChildren(...[...this.rows.values()].map(({ row }) => row));
  }

  update(quote: Quote): void {
    const row = this.rows.get(quote.symbol);
    if (row === undefined) return;
    const percent = changePercentOf(quote);
    row.last.textContent = lira(quote.price);
    row.change.textContent = `${signed(percent)}%`;
    row.change.className = direction(percent);
  }

  choose(symbol: string): void {
    for (const [name, { row }] of this.rows) row.setAttribute("aria-selected", String(name === symbol));
  }

  private row(symbol: string): Row {
    const name = element("button", { type: "button" }, symbol);
    const last = element("td", {}, "–");
    const change = element("td");
    const row = element("tr", {}, element("td", {}, name), last, change);
    row.addEventListener("click", () => {
      this.onChosen(symbol);
    });
    return { row, last, change };
  }

  private matches(symbol: string): boolean {
    return symbol.includes(this.filter.value.trim().toUpperCase());
  }
}
