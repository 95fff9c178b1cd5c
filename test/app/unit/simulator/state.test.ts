import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { Simulator } from "../../../../app/packages/simulator/simulator";
import { restoreState, saveState } from "../../../../app/packages/simulator/state";
import { testApiKey } from "../../../../app/packages/simulator/test-key";

const folder = mkdtempSync(join(tmpdir(), "bist-simulator-"));
const file = join(folder, "state");
const started: Simulator[] = [];
afterAll(async () => {
  await Promise.all(started.map((simulator) => simulator.close()));
  rmSync(folder, { recursive: true });
});

const noon = new Date("2026-11-23T09:00:00Z");
async function simulator(): Promise<Simulator> {
  const made = await Simulator.start({ apiKey: testApiKey, tradesPerSecond: 0, now: () => noon });
  started.push(made);
  return made;
}
const ticket = { symbol: "GARAN", side: "BUY", price: undefined, quantity: 3n } as const;

test("a simulator goes on where an earlier one ended", async () => {
  const first = await simulator();
  const token = first.sessions.start("1001", "a password") ?? "";
  const hash = first.sessions.confirm(token, first.smsCode("1001") ?? "") ?? "";
  first.exchange.place("1001", ticket);
  first.exchange.matchAll();
  const resting = first.exchange.place("1001", {
    ...ticket,
    price: first.exchange.market.shares.get("GARAN")?.limits.floor,
  });
  first.advance(200);
  saveState(first, file);

  const second = await simulator();
  restoreState(second, file, noon);
  expect(second.sessions.touch(hash)?.customer).toBe("1001");
  expect(second.sessions.start("1001", "another password")).toBeUndefined();
  expect(second.exchange.ordersOf("1001")).toEqual(first.exchange.ordersOf("1001"));
  expect(second.exchange.account("1001")).toEqual(first.exchange.account("1001"));
  const lastOf = ({ exchange }: Simulator) => [...exchange.market.shares.values()].map(({ last }) => last);
  expect(lastOf(second)).toEqual(lastOf(first));

  second.exchange.cancel("1001", resting.reference);
  const references = [...first.exchange.orders.keys()];
  expect(references).not.toContain(second.exchange.place("1001", ticket).reference);
});

test("orders end with their day, holdings do not", async () => {
  const next = await simulator();
  restoreState(next, file, new Date(noon.getTime() + 86_400_000));
  expect(next.exchange.orders.size).toBe(0);
  expect(next.exchange.account("1001").holding("GARAN")).toBe(3n);
});

test("a first start has nothing to go on from, and a broken file is named", async () => {
  const fresh = await simulator();
  restoreState(fresh, join(folder, "none"), noon);
  expect(fresh.exchange.orders.size).toBe(0);
  writeFileSync(join(folder, "broken"), "{}");
  expect(() => {
    restoreState(fresh, join(folder, "broken"), noon);
  }).toThrow(/broken is not a state of the simulator; remove it/);
});

test("a state of the first version loads: orders, money and shares, without sub-accounts", async () => {
  const first = await simulator();
  const order = first.exchange.place("1001", {
    ...ticket,
    price: first.exchange.market.shares.get("GARAN")?.limits.floor,
  });
  const { subAccount: _1, worstPrice: _2, repriced: _3, pending: _4, ...orderOfFirst } = order;
  const old = {
    orders: [{ ...orderOfFirst, reference: "000001", transactionId: "0000-000001-IET" }],
    accounts: [
      { customer: "1001", cash: 5_00n, holdings: new Map([["GARAN", { quantity: 3n, cost: 9n }]]), statement: [] },
    ],
    prices: new Map(),
    passwords: new Map(),
    sessions: new Map(),
  };
  writeFileSync(join(folder, "old"), serialize(old));
  const next = await simulator();
  restoreState(next, join(folder, "old"), noon);
  expect(next.exchange.account("1001").cash).toBe(5_00n);
  expect(next.exchange.account("1001", "100").holding("GARAN")).toBe(3n);
  next.exchange.cancel("1001", "000001");
  expect(next.exchange.ordersOf("1001")).toMatchObject([{ reference: "000001", state: "DELETED" }]);
});

test("references run on over days, and a state of a newer version is named", async () => {
  const first = await simulator();
  const { reference } = first.exchange.place("1001", ticket);
  saveState(first, join(folder, "yesterday"));
  const next = await simulator();
  restoreState(next, join(folder, "yesterday"), new Date(noon.getTime() + 86_400_000));
  expect(next.exchange.place("1001", ticket).reference).not.toBe(reference);
  const kept = deserialize(readFileSync(join(folder, "yesterday"))) as object;
  writeFileSync(join(folder, "newer"), serialize({ ...kept, version: 3 }));
  expect(() => {
    restoreState(next, join(folder, "newer"), noon);
  }).toThrow(/newer is of a newer simulator \(version 3\)/);
});
