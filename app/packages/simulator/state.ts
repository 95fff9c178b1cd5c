import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { istanbulDate } from "../bist/calendar";
import type { Kurus } from "../bist/price";
import { Account } from "./account";
import type { BookedFill, Holding } from "./account";
import type { SimulatedOrder } from "./exchange";
import type { SimulatedSession } from "./sessions";
import type { Simulator } from "./simulator";

const version = 2;

/** An account as it is kept; the first version had no sub-accounts, and a statement of another form. */
interface KeptAccount {
  readonly customer: string;
  readonly number?: string;
  readonly cash: Kurus;
  readonly holdings: ReadonlyMap<string, Holding>;
  readonly fills?: readonly BookedFill[];
}

type NewInSecond = "subAccount" | "worstPrice" | "repriced" | "pending";
type KeptOrder = Omit<SimulatedOrder, NewInSecond> & Partial<Pick<SimulatedOrder, NewInSecond>>;

/** Everything of a simulator that a later one needs to go on: a broker does not forget what its customers hold. */
interface SimulatorState {
  /** The first had none. */
  readonly version?: number;
  readonly ordersEver?: number;
  readonly orders: readonly KeptOrder[];
  readonly accounts: readonly KeptAccount[];
  readonly prices: ReadonlyMap<string, { readonly last: Kurus; readonly high: Kurus; readonly low: Kurus }>;
  readonly passwords: ReadonlyMap<string, string>;
  readonly sessions: ReadonlyMap<string, SimulatedSession>;
}

/** Writes what the simulator holds, whole or not at all. */
export function saveState({ exchange, sessions }: Simulator, file: string): void {
  const state: SimulatorState = {
    version,
    ordersEver: exchange.ordersEver,
    orders: [...exchange.orders.values()],
    accounts: [...exchange.accounts.values()].map(({ customer, number, cash, holdings, fills }) => ({
      customer,
      number,
      cash,
      holdings,
      fills,
    })),
    prices: new Map([...exchange.market.shares].map(([symbol, { last, high, low }]) => [symbol, { last, high, low }])),
    passwords: sessions.passwords,
    sessions: sessions.live,
  };
  writeFileSync(`${file}.draft`, serialize(state), { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}

/** Goes on from what was saved, when there is something; orders end with their day. */
export function restoreState({ exchange, sessions }: Simulator, file: string, now: Date): void {
  const state = read(file);
  if (state === undefined) return;
  const [first] = exchange.options.subAccounts;
  for (const { customer, number = first, cash, holdings, fills = [] } of state.accounts) {
    const account = new Account(customer, cash, number);
    for (const [symbol, holding] of holdings) account.holdings.set(symbol, holding);
    account.fills.push(...fills);
    exchange.takeBackAccount(account);
  }
  exchange.ordersEver = state.ordersEver ?? state.orders.length;
  const today = istanbulDate(now.getTime());
  for (const order of state.orders) {
    if (istanbulDate(order.receivedAt.getTime()) !== today) continue;
    const { ceiling, floor } = exchange.market.shares.get(order.symbol)?.limits ?? { ceiling: 0n, floor: 0n };
    exchange.takeBack({
      subAccount: first ?? "",
      worstPrice: order.side === "BUY" ? ceiling : floor,
      repriced: false,
      pending: undefined,
      ...order,
    });
  }
  for (const [symbol, price] of state.prices) Object.assign(exchange.market.shares.get(symbol) ?? {}, price);
  for (const [customer, digest] of state.passwords) sessions.passwords.set(customer, digest);
  for (const [hash, session] of state.sessions) sessions.live.set(hash, session);
}

function read(file: string): SimulatorState | undefined {
  let state: SimulatorState;
  try {
    state = deserialize(readFileSync(file)) as SimulatorState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${file} is not a state of the simulator; remove it to begin anew`, { cause: error });
  }
  if ((state.version ?? 1) > version) {
    throw new Error(`${file} is of a newer simulator (version ${state.version}); remove it to begin anew`);
  }
  return state;
}
