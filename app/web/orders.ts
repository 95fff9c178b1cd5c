import type { Api } from "./api";
import { byId, element, messageOf, within } from "./dom";
import { clock, lira, shares } from "./format";
import { takeNewer } from "./newer";
import { explained, refusal } from "./reasons";
import type { Order, OrderRequest } from "./types";

const open = new Set(["CREATED", "SUBMITTING", "UNKNOWN", "ACCEPTED", "PARTIALLY_FILLED"]);
const words: Readonly<Record<string, string>> = {
  CREATED: "Taken",
  SUBMITTING: "Being sent",
  UNKNOWN: "Being clarified",
  ACCEPTED: "Open",
  PARTIALLY_FILLED: "Partly filled",
  FILLED: "Filled",
  CANCELLED: "Cancelled",
  REJECTED: "Rejected",
  EXPIRED: "Expired",
};

/** Orders, newest first, as the service reports them; open ones can be cancelled. */
export class Orders {
  private readonly orders = new Map<string, Order>();
  private readonly alert = within(byId("orders-title").parentElement ?? document, '[role="alert"]');

  constructor(private readonly api: Api) {
    this.draw();
  }

  async load(): Promise<void> {
    const { orders } = await this.api.call<{ orders: Order[] }>("GET", "/trading/api/v1/orders?limit=50");
    this.update(...orders);
  }

  /** News come in any order and more than once; the version says which is the latest. */
  update(...news: readonly Order[]): void {
    takeNewer(this.orders, news);
    this.draw();
  }

  /** A request to change an order ended otherwise than its owner wanted. */
  requested(request: OrderRequest): void {
    if (request.status !== "REFUSED") return;
    // One of before the orders that are shown has no row here.
    const order = this.orders.get(request.orderId);
    const subject = order === undefined ? "an order" : `the order of ${shares(order.quantity)} ${order.symbol}`;
    const what = request.kind === "CANCEL" ? "cancel" : "reprice";
    this.alert.textContent = `The request to ${what} ${subject} was refused. ${refusal(request)}`;
  }

  clear(): void {
    this.alert.textContent = "";
    this.orders.clear();
    this.draw();
  }

  private draw(): void {
    const newestFirst = [...this.orders.values()].sort((one, other) => other.createdAt.localeCompare(one.createdAt));
    const focused = document.activeElement?.closest("tr")?.dataset["order"];
    const none = element("tr", { class: "empty" }, element("td", { colspan: "8" }, "No orders yet."));
    const rows = newestFirst.map((order) => this.row(order));
    byId("order-rows").replaceChildren(...(rows.length === 0 ? [none] : rows));
    if (focused !== undefined)
      rows
        .find(({ dataset }) => dataset["order"] === focused)
        ?.querySelector("button")
        ?.focus();
  }

  private row(order: Order): HTMLTableRowElement {
    const { orderId, symbol, side, quantity, price, status } = order;
    const reason = explained(order);
    return element(
      "tr",
      { "data-order": orderId, "data-status": status },
      element("td", {}, clock(order.createdAt)),
      element("td", {}, symbol),
      element("td", { class: side === "BUY" ? "up" : "down" }, side === "BUY" ? "Buy" : "Sell"),
      element("td", { class: "number" }, shares(quantity)),
      element("td", { class: "number" }, ...filled(order)),
      element("td", { class: "number" }, price === null ? "Market" : lira(price)),
      element("td", { class: "state" }, words[status] ?? status, ...note(reason)),
      element("td", { class: "number" }, ...(open.has(status) ? [this.cancelButton(order)] : [])),
    );
  }

  private cancelButton({ orderId, symbol, quantity }: Order): HTMLButtonElement {
    const label = `Cancel the order of ${quantity} ${symbol}`;
    const button = element("button", { type: "button", class: "quiet", "aria-label": label }, "Cancel");
    button.addEventListener("click", () => {
      button.disabled = true;
      this.alert.textContent = "";
      void this.api
        .call<{ order: Order }>("DELETE", `/trading/api/v1/orders/${orderId}`)
        .then(({ order }) => {
          this.update(order);
        })
        .catch((error: unknown) => {
          button.disabled = false;
          this.alert.textContent = messageOf(error);
        });
    });
    return button;
  }
}

/** How much of an order was filled, and at what price on average. */
function filled({ quantity, filledQuantity, averageFillPrice, averageFillPriceDerived }: Order): (Node | string)[] {
  const all = filledQuantity === quantity || filledQuantity === "0";
  const share = all ? shares(filledQuantity) : `${shares(filledQuantity)} of ${shares(quantity)}`;
  if (averageFillPrice === null) return [share];
  const price = averageFillPriceDerived ? "at a price not known yet" : `at ${lira(averageFillPrice)}`;
  return [`${share} `, ...note(price)];
}

/** What stands smaller beside a figure, or below a word. */
const note = (text: string): Node[] => (text === "" ? [] : [element("small", {}, text)]);
