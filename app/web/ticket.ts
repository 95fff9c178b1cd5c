import type { Api } from "./api";
import { byId, fieldsOf, onSubmit, within } from "./dom";
import { lira } from "./format";
import type { Order } from "./types";

/** The form that places an order. */
export class Ticket {
  private readonly form = byId("ticket", HTMLFormElement);
  private readonly symbol = this.field("symbol");
  private readonly price = this.field("price");
  /** What was tried last under which key: trying the same again must not place it twice. */
  private attempt: { readonly terms: string; readonly key: string } | undefined;

  constructor(
    private readonly api: Api,
    private readonly onPlaced: (order: Order) => void,
  ) {
    this.form.addEventListener("input", () => {
      this.refresh();
    });
    this.form.addEventListener("reset", () => {
      this.attempt = undefined;
    });
    onSubmit(this.form, () => this.place());
    this.refresh();
  }

  set hidden(hidden: boolean) {
    this.form.hidden = hidden;
  }

  /** As it was at first. */
  clear(): void {
    this.form.reset();
    within(this.form, '[role="status"]').textContent = "";
    this.hidden = true;
    this.refresh();
  }

  /** Suggests a symbol and its price. */
  suggest(symbol: string, price: string | undefined): void {
    this.symbol.value = symbol;
    if (price !== undefined) this.price.value = price;
    this.refresh();
  }

  /** The price of the symbol on the form, unless the user has typed one. */
  priceOf(symbol: string, price: string): void {
    if (this.symbol.value !== symbol || this.price.value !== "") return;
    this.price.value = price;
    this.refresh();
  }

  private async place(): Promise<void> {
    const done = within(this.form, '[role="status"]');
    done.textContent = "";
    const { side, symbol = "", type, quantity, price = "" } = fieldsOf(this.form);
    const terms = { side, symbol: symbol.toUpperCase(), type, quantity };
    const body = type === "LIMIT" ? { ...terms, price: price.replace(",", ".") } : terms;
    const text = JSON.stringify(body);
    if (this.attempt?.terms !== text) this.attempt = { terms: text, key: crypto.randomUUID() };
    const headers = { "idempotency-key": this.attempt.key };
    const order = await this.api.call<Order>("POST", "/trading/api/v1/orders", { body, headers });
    this.attempt = undefined;
    done.textContent = `${side === "BUY" ? "Purchase" : "Sale"} of ${quantity ?? ""} ${terms.symbol} placed.`;
    this.onPlaced(order);
  }

  private refresh(): void {
    const { side, type, quantity = "0", price = "0" } = fieldsOf(this.form);
    const isMarket = type === "MARKET";
    this.price.disabled = isMarket;
    this.price.required = !isMarket;
    within(this.form, "[data-limit]").hidden = isMarket;
    const value = Number(quantity) * Number(price.replace(",", "."));
    byId("ticket-value").textContent = isMarket || Number.isNaN(value) ? "–" : lira(String(value));
    within(this.form, 'button[type="submit"]').textContent = side === "SELL" ? "Place sale" : "Place purchase";
  }

  private field(name: string): HTMLInputElement {
    return within(this.form, `[name="${name}"]`, HTMLInputElement);
  }
}
