import { instrumentKind } from "../bist/instruments";
import type { Lots } from "../bist/lots";
import type { Kurus } from "../bist/price";
import { isWithin } from "../bist/price-limits";
import { isOnTick } from "../bist/tick-sizes";
import { Account } from "./account";
import { Market } from "./market";
import type { Share, Trade } from "./market";
import type { Random } from "./random";

export type SimulatedState = "WAITING" | "PARTIAL" | "DONE" | "DELETED";

export interface SimulatedOrder {
  readonly reference: string;
  readonly transactionId: string;
  readonly customer: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly quantity: Lots;
  /** 0n for a market order. */
  price: Kurus;
  filled: Lots;
  /** Value of all fills. */
  value: Kurus;
  state: SimulatedState;
  description: string;
  readonly receivedAt: Date;
}

/** What happened to an order, for the customer's socket. */
export interface OrderEvent {
  readonly order: SimulatedOrder;
  readonly kind: "waiting" | "filled" | "partiallyFilled" | "cancelled" | "modified";
  readonly executed: Lots;
  readonly executedPrice: Kurus;
}

export interface Ticket {
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly price: Kurus | undefined;
  readonly quantity: Lots;
}

/** Refusals as the broker words them. */
export class Refusal extends Error {}

export interface ExchangeOptions {
  readonly symbols: readonly string[];
  readonly random: Random;
  readonly now: () => Date;
  /** What a new customer starts with. */
  readonly openingCash: Kurus;
  readonly onOrder: (event: OrderEvent) => void;
}

/** Takes orders by the rules of the exchange and fills them against simulated prices, in parts. */
export class Exchange {
  readonly market: Market;
  readonly orders = new Map<string, SimulatedOrder>();
  readonly accounts = new Map<string, Account>();
  private readonly open = new Set<SimulatedOrder>();

  constructor(readonly options: ExchangeOptions) {
    this.market = new Market(options.symbols, options.random);
  }

  account(customer: string): Account {
    const known = this.accounts.get(customer);
    if (known) return known;
    const opened = new Account(customer, this.options.openingCash);
    this.accounts.set(customer, opened);
    return opened;
  }

  ordersOf(customer: string): SimulatedOrder[] {
    return [...this.orders.values()].filter((order) => order.customer === customer);
  }

  /** @throws Refusal */
  place(customer: string, ticket: Ticket): SimulatedOrder {
    const share = this.market.shares.get(ticket.symbol);
    if (share === undefined) throw new Refusal("Sembol bulunamadı.SymbolNotFound");
    if (ticket.quantity <= 0n) throw new Refusal("Emir miktarı hatalı.InvalidQuantity");
    if (ticket.price !== undefined) this.assertQuotable(share, ticket.price);
    this.assertCovered(customer, share, ticket);
    const number = this.orders.size + 1;
    const order: SimulatedOrder = {
      ...ticket,
      price: ticket.price ?? 0n,
      reference: number.toString(36).toUpperCase().padStart(6, "0"),
      transactionId: `0000-${number.toString(36).toUpperCase().padStart(6, "0")}-IET`,
      customer,
      filled: 0n,
      value: 0n,
      state: "WAITING",
      description: "İletildi",
      receivedAt: this.options.now(),
    };
    this.orders.set(order.reference, order);
    this.open.add(order);
    this.report(order, "waiting");
    return order;
  }

  /** An order that was placed with an earlier exchange. */
  takeBack(order: SimulatedOrder): void {
    this.orders.set(order.reference, order);
    if (order.state === "WAITING" || order.state === "PARTIAL") this.open.add(order);
  }

  /** @throws Refusal */
  modify(customer: string, reference: string, price: Kurus): void {
    const order = this.openOrder(customer, reference);
    const share = this.market.shares.get(order.symbol);
    if (share) this.assertQuotable(share, price);
    order.price = price;
    order.description = "İyileştirildi";
    this.report(order, "modified");
  }

  /** @throws Refusal */
  cancel(customer: string, reference: string): void {
    const order = this.openOrder(customer, reference);
    this.close(order, "Silindi");
  }

  /** Lets the market trade once and fills what that price reaches. */
  advance(): Trade {
    const trade = this.market.trade();
    for (const order of this.open) if (order.symbol === trade.share.symbol) this.match(order, trade.share);
    return trade;
  }

  /** Gives every open order one chance to be filled at its share's present price. */
  matchAll(): void {
    for (const order of this.open) {
      const share = this.market.shares.get(order.symbol);
      if (share) this.match(order, share);
    }
  }

  private match(order: SimulatedOrder, share: Share): void {
    const { bid, ask } = this.market.quote(share);
    const price = order.side === "BUY" ? ask : bid;
    const isMarket = order.price === 0n;
    if (!isMarket && (order.side === "BUY" ? price > order.price : price < order.price)) return;
    const remaining = order.quantity - order.filled;
    const offered = BigInt(this.options.random.between(1, 2_000));
    const executed = offered < remaining ? offered : remaining;
    order.filled += executed;
    order.value += executed * price;
    this.account(order.customer).book(order.symbol, order.side, executed, price, this.options.now());
    const done = order.filled === order.quantity;
    order.state = done ? "DONE" : "PARTIAL";
    order.description = done ? "Gerçekleşti" : "Kısmi Gerçekleşti";
    if (done) this.open.delete(order);
    this.report(order, done ? "filled" : "partiallyFilled", executed, price);
    // A market order is immediate-or-cancel in continuous trading.
    if (isMarket && !done) this.close(order, "KIE Emri Silindi");
  }

  private close(order: SimulatedOrder, description: string): void {
    order.state = "DELETED";
    order.description = description;
    this.open.delete(order);
    this.report(order, "cancelled");
  }

  private openOrder(customer: string, reference: string): SimulatedOrder {
    const order = this.orders.get(reference);
    if (order?.customer !== customer) throw new Refusal("Emir bulunamadı.OrderNotFound");
    if (!this.open.has(order)) throw new Refusal("Emir kapalı.OrderClosed");
    return order;
  }

  private assertQuotable(share: Share, price: Kurus): void {
    const kind = instrumentKind(share.symbol) ?? "SHARE";
    if (kind === "SHARE" && !isOnTick(price)) throw new Refusal("Fiyat adımı hatalı.InvalidPriceStep");
    if (!isWithin(price, share.limits)) throw new Refusal("Fiyat marj dışında.PriceOutOfLimits");
  }

  /** Buying needs money and selling needs shares, beyond what open orders already claim. */
  private assertCovered(customer: string, share: Share, ticket: Ticket): void {
    const account = this.account(customer);
    const open = [...this.open].filter((order) => order.customer === customer && order.side === ticket.side);
    if (ticket.side === "SELL") {
      const claimed = open
        .filter(({ symbol }) => symbol === share.symbol)
        .reduce((sum, { quantity, filled }) => sum + quantity - filled, 0n);
      if (account.holding(share.symbol) < claimed + ticket.quantity) {
        throw new Refusal("Açığa satış yapılamaz.InsufficientStock");
      }
      return;
    }
    const claimed = open.reduce((sum, order) => sum + (order.quantity - order.filled) * this.worst(order), 0n);
    if (account.cash < claimed + ticket.quantity * (ticket.price ?? share.limits.ceiling)) {
      throw new Refusal("İşlem bakiyesi yetersiz.TradeLimitInsufficient");
    }
  }

  private worst({ price, symbol }: SimulatedOrder): Kurus {
    return price === 0n ? (this.market.shares.get(symbol)?.limits.ceiling ?? 0n) : price;
  }

  private report(
    order: SimulatedOrder,
    kind: OrderEvent["kind"],
    executed: Lots = 0n,
    executedPrice: Kurus = 0n,
  ): void {
    this.options.onOrder({ order: { ...order }, kind, executed, executedPrice });
  }
}
