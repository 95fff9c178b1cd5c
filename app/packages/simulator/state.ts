import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { istanbulDate } from "../bist/calendar";
import type { Kurus } from "../bist/price";
import { Account } from "./account";
import type { Holding, StatementEntry } from "./account";
import type { SimulatedOrder } from "./exchange";
import type { SimulatedSession } from "./sessions";
import type { Simulator } from "./simulator";

/** Everything of a simulator that a later one needs to go on: a broker does not forget what its customers hold. */
interface SimulatorState {
  readonly orders: readonly SimulatedOrder[];
  readonly accounts: readonly {
    readonly customer: string;
    readonly cash: Kurus;
    readonly holdings: ReadonlyMap<string, Holding>;
    readonly statement: readonly StatementEntry[];
  }[];
  readonly prices: ReadonlyMap<string, { readonly last: Kurus; readonly high: Kurus; readonly low: Kurus }>;
  readonly passwords: ReadonlyMap<string, string>;
  readonly sessions: ReadonlyMap<string, SimulatedSession>;
}

/** Writes what the simulator holds, whole or not at all. */
export function saveState({ exchange, sessions }: Simulator, file: string): void {
  const state: SimulatorState = {
    orders: [...exchange.orders.values()],
    accounts: [...exchange.accounts.values()].map(({ customer, cash, holdings, statement }) => ({
      customer,
      cash,
      holdings,
      statement,
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
  for (const { customer, cash, holdings, statement } of state.accounts) {
    const account = new Account(customer, cash);
    for (const [symbol, holding] of holdings) account.holdings.set(symbol, holding);
    account.statement.push(...statement);
    exchange.accounts.set(customer, account);
  }
  const today = istanbulDate(now.getTime());
  for (const order of state.orders) {
    if (istanbulDate(order.receivedAt.getTime()) === today) exchange.takeBack(order);
  }
  for (const [symbol, price] of state.prices) Object.assign(exchange.market.shares.get(symbol) ?? {}, price);
  for (const [customer, digest] of state.passwords) sessions.passwords.set(customer, digest);
  for (const [hash, session] of state.sessions) sessions.live.set(hash, session);
}

function read(file: string): SimulatorState | undefined {
  try {
    return deserialize(readFileSync(file)) as SimulatorState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${file} is not a state of the simulator; remove it to begin anew`, { cause: error });
  }
}
