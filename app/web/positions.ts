import type { Api } from "./api";
import { byId, element, messageOf, within } from "./dom";
import { direction, lira, shares, signed } from "./format";
import type { Position } from "./types";

/** Changes that come together are fetched together. */
const gatherMs = 400;

/** Positions as the broker reports them. */
export class Positions {
  private readonly alert = within(byId("positions-title").parentElement ?? document, '[role="alert"]');
  private due: number | undefined;

  constructor(private readonly api: Api) {
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

  clear(): void {
    clearTimeout(this.due);
    this.alert.textContent = "";
    this.draw([]);
  }

  private async load(): Promise<void> {
    const { positions } = await this.api.call<{ positions: Position[] }>("GET", "/trading/api/v1/broker/positions");
    this.alert.textContent = "";
    this.draw(positions);
  }

  private draw(positions: readonly Position[]): void {
    const none = element("tr", { class: "empty" }, element("td", { colspan: "5" }, "No shares held."));
    const rows = positions.map(({ symbol, quantity, averageCost, marketValue, profit }) =>
      element(
        "tr",
        { "data-position": symbol },
        element("td", {}, symbol),
        element("td", { class: "number" }, shares(quantity)),
        element("td", { class: "number" }, lira(averageCost)),
        element("td", { class: "number" }, lira(marketValue)),
        element("td", { class: `number ${direction(profit)}` }, signed(profit)),
      ),
    );
    byId("position-rows").replaceChildren(...(rows.length === 0 ? [none] : rows));
  }
}
