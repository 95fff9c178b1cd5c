import type { Api } from "./api";
import { byId, element, messageOf, within } from "./dom";
import { direction, lira, shares, signed } from "./format";
import { isAfter } from "./newer";
import type { HeldPositions, Position, Quote } from "./types";

/** Changes that come together are fetched together. */
const gatherMs = 400;

/** Before every answer. */
const never = new Date(0).toISOString();

interface Row {
  readonly position: Position;
  readonly value: HTMLTableCellElement;
  readonly profit: HTMLTableCellElement;
}

/** Positions as the broker reports them; their value and profit move with the price. */
export class Positions {
  private readonly alert = within(byId("positions-title").parentElement ?? document, '[role="alert"]');
  private readonly rows = new Map<string, Row>();
  private due: number | undefined;
  /** When the broker said what is shown. */
  private asOf = never;

  /** @param quoteOf the latest quote of a symbol; asked for each that is held */
  constructor(
    private readonly api: Api,
    private readonly quoteOf: (symbol: string) => Quote | undefined,
  ) {
    this.draw([]);
  }

  /** Fetches the holdings soon. */
  refresh(): void {
    clearTimeout(this.due);
    this.due = window.setTimeout(() => {
      void this.load().catch((error: unknown) => {
        this.alert.textContent = messageOf(error);
      });
    }, gatherMs);
  }

  /** The price of a symbol has moved; what was traded before the broker's answer is in its figures. */
  quote({ symbol, price, timestamp }: Quote): void {
    const row = this.rows.get(symbol);
    if (row === undefined || !isAfter(timestamp, this.asOf)) return;
    const { quantity, averageCost } = row.position;
    this.show(row, Number(quantity) * Number(price), Number(quantity) * (Number(price) - Number(averageCost)));
  }

  clear(): void {
    clearTimeout(this.due);
    this.alert.textContent = "";
    this.asOf = never;
    this.draw([]);
  }

  private async load(): Promise<void> {
    const { asOf, positions } = await this.api.call<HeldPositions>("GET", "/trading/api/v1/broker/positions");
    this.alert.textContent = "";
    // An answer that another one has overtaken.
    if (isAfter(this.asOf, asOf)) return;
    this.asOf = asOf;
    this.draw(positions);
    for (const { symbol } of positions) {
      const quote = this.quoteOf(symbol);
      if (quote !== undefined) this.quote(quote);
    }
  }

  private show({ value, profit }: Row, worth: number, gain: number): void {
    value.textContent = lira(String(worth));
    profit.textContent = signed(String(gain));
    profit.className = `number ${direction(String(gain))}`;
  }

  private draw(positions: readonly Position[]): void {
    this.rows.clear();
    const none = element("tr", { class: "empty" }, element("td", { colspan: "5" }, "No shares held."));
    const rows = positions.map((position) => {
      const { symbol, quantity, averageCost, marketValue, profit } = position;
      const row = { position, value: element("td", { class: "number" }), profit: element("td") };
      this.rows.set(symbol, row);
      this.show(row, Number(marketValue), Number(profit));
      return element(
        "tr",
        { "data-position": symbol },
        element("td", {}, symbol),
        element("td", { class: "number" }, shares(quantity)),
        element("td", { class: "number" }, lira(averageCost)),
        row.value,
        row.profit,
      );
    });
    byId("position-rows").replaceChildren(...(rows.length === 0 ? [none] : rows));
  }
}
