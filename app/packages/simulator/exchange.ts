import { istanbulDate } from "../bist/calendar";
import type { Lots } from "../bist/lots";
import type { Kurus } from "../bist/price";
import { isWithin } from "../bist/price-limits";
import { Account, firstSubAccount } from "./account";
import type { Habits } from "./habits";
import { stepAt } from "./instruments";
import { Market } from "./market";
import type { Share, Trade } from "./market";
import type { Random } from "./random";
import { referenceOf, transactionIdOf } from "./reference";

export type SimulatedState = "WAITING" | "PARTIAL" | "DONE" | "DELETED";

/** A request that was taken and not yet carried out. */
export interface PendingRequest {
  readonly kind: "delete" | "reprice";
  /** The price asked for; 0n for a deletion. */
  readonly price: Kurus;
  /** Whether the exchange will refuse it. */
  readonly refused: boolean;
  /** How many more lists show it as taken. */
  listsLeft: number;
}

export interface SimulatedOrder {
  readonly reference: string;
  readonly transactionId: string;
  readonly customer: string;
  readonly subAccount: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly quantity: Lots;
  /** 0n for a market order. */
  price: Kurus;
  /** What the order may cost or bring at worst, for a market order. */
  readonly worstPrice: Kurus;
  filled: Lots;
  /** Value of all fills. */
  value: Kurus;
  state: SimulatedState;
  description: string;
  /** Whether its price was changed. */
  repriced: boolean;
  pending: PendingRequest | undefined;
  readonly receivedAt: Date;
}

/** What happened to an order, for the customer's socket. */
export interface OrderEvent {
  readonly order: SimulatedOrder;
  readonly kind: "waiting" | "filled" | "partiallyFilled" | "cancelled" | "modified" | "error";
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
  /** What a new customer starts with, in each sub-account. */
  readonly openingCash: Kurus;
  /** Numbers of every customer's sub-accounts; "" means the first. */
  readonly subAccounts: readonly string[];
  readonly habits: () => Habits;
  readonly onOrder: (event: OrderEvent) => void;
}

/** Takes orders by the rules of the exchange and fills them against simulated prices, in parts. */
export class Exchange {
  readonly market: Market;
  readonly orders = new Map<string, SimulatedOrder>();
  /** By customer and number, see `account`. */
  readonly accounts = new Map<string, Account>();
  /** How many orders there were ever: references run on over days. */
  ordersEver = 0;
  /** In a call auction orders wait, and are matched when it ends. */
  private auction = false;
  private readonly open = new Set<SimulatedOrder>();
  /** Istanbul date of the orders that are open. */
  private today: string;

  constructor(readonly options: ExchangeOptions) {
    this.market = new Market(options.symbols, options.random);
    this.today = this.date();
  }

  /** @param number of the sub-account; "" for the first. @throws Refusal */
  account(customer: string, number = ""): Account {
    const subAccount = this.subAccount(number);
    const key = `${customer}/${subAccount}`;
    const known = this.accounts.get(key);
    if (known) return known;
    const opened = new Account(customer, this.options.openingCash, subAccount);
    this.accounts.set(key, opened);
    return opened;
  }

  /** Goes on with an account of an earlier exchange. */
  takeBackAccount(account: Account): void {
    this.accounts.set(`${account.customer}/${account.number}`, account);
  }

  /** All orders of a customer that the exchange knows, of today and of days before. */
  ordersOf(customer: string): SimulatedOrder[] {
    return [...this.orders.values()].filter((order) => order.customer === customer);
  }

  /** Today's orders of a sub-account, the newest first. A request that was shown often enough is carried out after it. */
  list(customer: string, number: string): SimulatedOrder[] {
    this.turnDay();
    const subAccount = this.subAccount(number);
    const listed = this.ordersOf(customer)
      .filter((order) => order.subAccount === subAccount && this.dateOf(order) === this.today)
      .toReversed();
    const shown = listed.map((order) => ({ ...order }));
    for (const order of listed) {
      if (order.pending === undefined) continue;
      order.pending.listsLeft -= 1;
      if (order.pending.listsLeft <= 0) this.carryOut(order);
    }
    return shown;
  }

  /** @throws Refusal */
  place(customer: string, ticket: Ticket, number = ""): SimulatedOrder {
    this.turnDay();
    const subAccount = this.subAccount(number);
    const share = this.market.shares.get(ticket.symbol);
    if (share === undefined) throw new Refusal("Sembol bulunamadı.SymbolNotFound");
    if (ticket.quantity <= 0n) throw new Refusal("Emir miktarı hatalı.InvalidUnitsInvalidUnits");
    const refusal = this.refusalOf(customer, subAccount, share, ticket);
    const listed = this.options.habits().orderRefusal === "listed";
    if (refusal !== undefined && !listed) throw refusal;
    const order = this.enter(customer, subAccount, share, ticket);
    if (refusal !== undefined) this.close(order, "Emir Reddedildi", "error");
    return order;
  }

  private enter(customer: string, subAccount: string, share: Share, ticket: Ticket): SimulatedOrder {
    const receivedAt = this.options.now();
    const order: SimulatedOrder = {
      ...ticket,
      price: ticket.price ?? 0n,
      worstPrice: ticket.side === "BUY" ? share.limits.ceiling : share.limits.floor,
      reference: referenceOf(this.ordersEver),
      transactionId: transactionIdOf(this.options.habits().transactionIds, this.ordersEver, receivedAt),
      customer,
      subAccount,
      filled: 0n,
      value: 0n,
      state: "WAITING",
      description: "İletildi",
      repriced: false,
      pending: undefined,
      receivedAt,
    };
    this.ordersEver += 1;
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

  /** Asks for another price. @throws Refusal */
  modify(customer: string, reference: string, price: Kurus, number = ""): void {
    const order = this.orderOf(customer, reference, number);
    const share = this.market.shares.get(order.symbol);
    this.request(order, "reprice", price, share && this.quotable(share, price));
  }

  /** Asks for an order's end. @throws Refusal */
  cancel(customer: string, reference: string, number = ""): void {
    this.request(this.orderOf(customer, reference, number), "delete", 0n, undefined);
  }

  private request(
    order: SimulatedOrder,
    kind: PendingRequest["kind"],
    price: Kurus,
    problem: Refusal | undefined,
  ): void {
    const { requestRefusal, listsUntilCarriedOut } = this.options.habits();
    const refusal = this.open.has(order) ? problem : new Refusal("Emir kapalı.OrderClosed");
    if (refusal !== undefined && requestRefusal !== "listed") throw refusal;
    // What ended stays as it is; the list shows it.
    if (!this.open.has(order)) return;
    order.pending = { kind, price, refused: refusal !== undefined, listsLeft: listsUntilCarriedOut };
    if (order.pending.listsLeft === 0) this.carryOut(order);
  }

  /** The exchange refuses a request that the broker took: the list says so, and the order lives on. @throws Refusal */
  refuseRequest(customer: string, reference: string, kind: PendingRequest["kind"], number = ""): void {
    const order = this.orderOf(customer, reference, number);
    if (this.options.habits().requestRefusal !== "listed") throw new Refusal("İşlem reddedildi.OrderRejected");
    if (!this.open.has(order)) return;
    const listsLeft = this.options.habits().listsUntilCarriedOut;
    order.pending = { kind, price: 0n, refused: true, listsLeft };
    if (listsLeft === 0) this.carryOut(order);
  }

  private carryOut(order: SimulatedOrder): void {
    const { pending } = order;
    order.pending = undefined;
    if (pending === undefined || !this.open.has(order)) return;
    if (pending.refused) {
      order.description = pending.kind === "delete" ? "Silme Reddedildi" : "İyileştirme Reddedildi";
    } else if (pending.kind === "delete") {
      this.close(order, "Silindi");
    } else {
      order.price = pending.price;
      order.repriced = true;
      order.description = "İyileştirildi";
      this.report(order, "modified");
    }
  }

  /** Lets the market trade once and fills what that price reaches. */
  advance(): Trade {
    this.turnDay();
    const trade = this.market.trade();
    for (const order of this.open) if (order.symbol === trade.share.symbol) this.match(order, trade.share);
    return trade;
  }

  /** Gives every open order one chance to be filled at its share's present price. */
  matchAll(): void {
    this.turnDay();
    for (const order of this.open) {
      const share = this.market.shares.get(order.symbol);
      if (share) this.match(order, share);
    }
  }

  get inAuction(): boolean {
    return this.auction;
  }

  startAuction(): void {
    this.auction = true;
  }

  /** Ends the auction and matches what waited. */
  endAuction(): void {
    this.auction = false;
    this.matchAll();
  }

  /** Fills so many shares of an open order at a price, whatever the market does. @throws Refusal */
  fill(reference: string, quantity: Lots, price: Kurus): void {
    const order = this.orders.get(reference);
    if (order === undefined || !this.open.has(order)) throw new Refusal("Emir kapalı.OrderClosed");
    const remaining = order.quantity - order.filled;
    this.execute(order, quantity < remaining ? quantity : remaining, price);
  }

  /** The day's orders end. What lists show of them until midnight is a habit. */
  endDay(): void {
    for (const order of [...this.open]) this.close(order, this.options.habits().dayEndDescription);
  }

  private turnDay(): void {
    const today = this.date();
    if (today === this.today) return;
    this.endDay();
    this.today = today;
  }

  private match(order: SimulatedOrder, share: Share): void {
    if (this.auction) return;
    const { bid, ask } = this.market.quote(share);
    const price = order.side === "BUY" ? ask : bid;
    if (order.price === 0n) {
      this.sweep(order, share);
      return;
    }
    if (order.side === "BUY" ? price > order.price : price < order.price) return;
    this.execute(order, this.offered(order), price);
  }

  /**
   * A market order takes what the book offers, price by price, and what is left of it is deleted when nothing is left to take
   * (borsaistanbul.com/en/sayfa/2104/order-types).
   */
  private sweep(order: SimulatedOrder, share: Share): void {
    for (const price of this.market.prices(share, order.side === "BUY" ? "S" : "B")) {
      if (this.execute(order, this.offered(order), price)) return;
    }
    this.close(order, "KIE Emri Silindi");
  }

  /** What the other side has at a price, and the order still wants. */
  private offered({ quantity, filled }: SimulatedOrder): Lots {
    const offered = BigInt(this.options.random.between(1, 2_000));
    return offered < quantity - filled ? offered : quantity - filled;
  }

  /** @returns whether all is filled */
  private execute(order: SimulatedOrder, quantity: Lots, price: Kurus): boolean {
    const { customer, subAccount, reference, symbol, side } = order;
    order.filled += quantity;
    order.value += quantity * price;
    this.account(customer, subAccount).book({ at: this.options.now(), reference, symbol, side, quantity, price });
    const done = order.filled === order.quantity;
    order.state = done ? "DONE" : "PARTIAL";
    order.description = done ? "Gerçekleşti" : this.options.habits().openPartDescription;
    if (done) this.leave(order);
    this.report(order, done ? "filled" : "partiallyFilled", quantity, price);
    return done;
  }

  private close(order: SimulatedOrder, description: string, kind: OrderEvent["kind"] = "cancelled"): void {
    order.state = "DELETED";
    order.description = description;
    this.leave(order);
    this.report(order, kind);
  }

  private leave(order: SimulatedOrder): void {
    order.pending = undefined;
    this.open.delete(order);
  }

  private orderOf(customer: string, reference: string, number: string): SimulatedOrder {
    this.turnDay();
    const order = this.orders.get(reference);
    const subAccount = this.subAccount(number);
    if (order?.customer !== customer || order.subAccount !== subAccount || this.dateOf(order) !== this.today) {
      throw new Refusal("Emir bulunamadı.OrderNotFound");
    }
    return order;
  }

  private subAccount(number: string): string {
    const [first = firstSubAccount] = this.options.subAccounts;
    if (number === "") return first;
    if (!this.options.subAccounts.includes(number)) throw new Refusal("Alt hesap bulunamadı.SubAccountNotFound");
    return number;
  }

  private refusalOf(customer: string, subAccount: string, share: Share, ticket: Ticket): Refusal | undefined {
    if (ticket.price !== undefined) {
      const problem = this.quotable(share, ticket.price);
      if (problem) return problem;
    } else if (this.auction && this.options.habits().auctionMarketOrder === "refused") {
      return new Refusal("Seans piyasa emrine uygun değil.InvalidPriceType");
    }
    return this.uncovered(this.account(customer, subAccount), share, ticket);
  }

  private quotable(share: Share, price: Kurus): Refusal | undefined {
    if (price <= 0n || price % stepAt(price, share.tickSize) !== 0n) {
      return new Refusal("Fiyat adımı hatalı.InvalidPriceStep");
    }
    return isWithin(price, share.limits) ? undefined : new Refusal("Fiyat marj dışında.PriceOutOfLimits");
  }

  /** Buying needs money and selling needs shares, beyond what open orders already claim. */
  private uncovered(account: Account, share: Share, ticket: Ticket): Refusal | undefined {
    const open = [...this.open].filter(
      ({ customer, subAccount, side }) =>
        customer === account.customer && subAccount === account.number && side === ticket.side,
    );
    if (ticket.side === "SELL") {
      const claimed = open
        .filter(({ symbol }) => symbol === share.symbol)
        .reduce((sum, { quantity, filled }) => sum + quantity - filled, 0n);
      return account.holding(share.symbol) < claimed + ticket.quantity
        ? new Refusal("Açığa satış yapılamaz.InsufficientStock")
        : undefined;
    }
    const claimed = open.reduce(
      (sum, { quantity, filled, price, worstPrice }) => sum + (quantity - filled) * (price === 0n ? worstPrice : price),
      0n,
    );
    return account.cash < claimed + ticket.quantity * (ticket.price ?? share.limits.ceiling)
      ? new Refusal("İşlem bakiyesi yetersiz.TradeLimitInsufficient")
      : undefined;
  }

  private date(): string {
    return istanbulDate(this.options.now().getTime());
  }

  private dateOf({ receivedAt }: SimulatedOrder): string {
    return istanbulDate(receivedAt.getTime());
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
