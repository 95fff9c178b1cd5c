import { RequestQueue } from "../../../../app/packages/algolab/request-queue";
import { planWork } from "../../../../app/services/broker-integration/execution/plan-work";
import type { Timing, Work } from "../../../../app/services/broker-integration/execution/plan-work";
import type { Order } from "../../../../app/services/broker-integration/domain/order";
import { testTradingConfig } from "../../support/broker";
import { anOrder, at } from "../../support/orders";

const config = {
  ...testTradingConfig,
  requestIntervalMs: 5_000,
  resolveIntervalMs: 5_000,
  pollIntervalMs: 30_000,
  statementIntervalMs: 900_000,
};
const work = (change: Partial<Work>): Work => ({
  unfinished: [],
  requests: [],
  views: [],
  statements: [],
  limits: [],
  withoutLimits: [],
  withoutPrice: [],
  ...change,
});
const timing = (change: Partial<Timing> = {}): Timing => ({
  now: at(30).getTime(),
  hinted: false,
  mayBeLate: false,
  sinceListMs: 1_000,
  sinceStatementMs: Infinity,
  sinceCallMs: 1_000,
  ...change,
});
const namesOf = (change: Partial<Work>, time: Partial<Timing> = {}) =>
  planWork(work(change), timing(time), config).map(({ name }) => name);

const created = (symbol: string): Order =>
  anOrder({ orderId: symbol, symbol, status: "CREATED", tradingDay: undefined, brokerReference: undefined });
const yesterday = anOrder({ orderId: "old", status: "UNKNOWN", tradingDay: "2026-11-20" });
const unknown = anOrder({ orderId: "new", status: "UNKNOWN", brokerReference: undefined });

test("a basket of twelve shares that nobody asked for today is sent in its order, before anything is looked up", async () => {
  const symbols = Array.from({ length: 12 }, (_, index) => `SHARE${index}`);
  let now = 0;
  const pause = (ms: number) => {
    now += ms;
    return Promise.resolve();
  };
  const queue = new RequestQueue({ intervalMs: config.requestIntervalMs, now: () => now, pause });
  const calls: string[] = [];
  const sentAt = new Map<string, number>();
  let waiting = symbols.map(created);
  const queued = new Set<string>();
  const runs: Promise<void>[] = [];
  // As the worker does: it plans anew after each call, and each order that was sent makes it look at the list.
  const look = () => {
    const tasks = planWork(
      work({ unfinished: waiting, views: ["POSITIONS"], withoutLimits: symbols }),
      timing({ hinted: true, sinceListMs: Infinity }),
      config,
    );
    for (const task of tasks.filter(({ name }) => !queued.has(name))) {
      queued.add(task.name);
      const run = queue.run(task.priority, async () => {
        await Promise.resolve();
        calls.push(task.kind);
        if (task.kind === "submit") sentAt.set(task.orderId, now);
        waiting = waiting.filter(({ orderId }) => orderId !== task.name);
        look();
      });
      runs.push(run);
    }
  };
  look();
  for (const run of runs) await run;
  expect([...sentAt.keys()]).toEqual(symbols);
  expect([...sentAt.values()]).toEqual(symbols.map((_, index) => index * 5_000));
  expect(calls.slice(12)).toEqual(["list", "view", ...symbols.map(() => "limits")]);
});

describe("what an account needs now", () => {
  test("is the list, now and then while orders are open, often while something is in doubt, and at a hint", () => {
    expect(namesOf({ unfinished: [anOrder()] }, { sinceListMs: 29_999 })).toEqual([]);
    expect(namesOf({ unfinished: [anOrder()] }, { sinceListMs: 30_000 })).toEqual(["list"]);
    expect(namesOf({ unfinished: [unknown] }, { sinceListMs: 5_000 })).toEqual(["list"]);
    expect(namesOf({}, { hinted: true })).toEqual(["list"]);
    expect(namesOf({}, { sinceListMs: 86_400_000 })).toEqual([]);
  });

  test("is the list for a request that was sent, also when it was acknowledged", () => {
    const request = {
      requestId: "r",
      orderId: "o",
      userId: "u",
      accountId: "a",
      kind: "CANCEL",
      price: undefined,
      status: "SENT",
      reason: undefined,
      createdAt: at(1),
      sentAt: at(2),
      completedAt: undefined,
      refusedBefore: false,
    } as const;
    expect(namesOf({ requests: [request] }, { sinceListMs: 5_000 })).toEqual(["list"]);
    expect(namesOf({ requests: [{ ...request, status: "PENDING" }] }, { sinceListMs: 5_000 })).toEqual(["r"]);
  });

  test("leaves an order waiting while one of today that looks the same is in doubt", () => {
    expect(namesOf({ unfinished: [created("GARAN"), unknown] })).toEqual([]);
    expect(namesOf({ unfinished: [created("AKBNK"), unknown] })).toEqual(["AKBNK"]);
  });

  test("is not held up, nor hurried, by an order that is in doubt since an earlier day", () => {
    const time = { sinceListMs: 29_000, sinceStatementMs: 0 };
    expect(namesOf({ unfinished: [created("GARAN"), yesterday] }, time)).toEqual(["GARAN"]);
  });

  test("is the statement now and then, for an order whose end was not seen", () => {
    expect(namesOf({ unfinished: [yesterday] })).toEqual(["ends"]);
    expect(namesOf({ unfinished: [yesterday] }, { sinceStatementMs: 899_999 })).toEqual([]);
    expect(namesOf({ unfinished: [{ ...yesterday, brokerReference: undefined }] })).toEqual([]);
    expect(namesOf({ unfinished: [{ ...yesterday, tradingDay: "2026-10-01" }] })).toEqual([]);
  });

  test("is the limits of a share before an order is refused by them, among the orders that wait", () => {
    const tasks = planWork(work({ limits: ["GARAN"], views: ["POSITIONS"] }), timing(), config);
    expect(tasks.map(({ kind, priority }) => [kind, priority])).toEqual([
      ["confirm", "ORDER"],
      ["view", "READ"],
    ]);
  });

  test("is a sign of life after a silence", () => {
    expect(namesOf({}, { sinceCallMs: config.keepAliveMs })).toEqual(["refresh"]);
  });
});

test("an order that was called absent is looked for in the list of its day", () => {
  expect(namesOf({}, { sinceListMs: 30_000 })).toEqual([]);
  expect(namesOf({}, { sinceListMs: 30_000, mayBeLate: true })).toEqual(["list"]);
  expect(namesOf({}, { sinceListMs: 29_999, mayBeLate: true })).toEqual([]);
});

test("an order that ended without a price is looked at again: in the list of its day, then in the statement", () => {
  const ended = anOrder({ status: "FILLED", filledQuantity: 100n, averageDerived: true, completedAt: at(20) });
  const late = { sinceListMs: 30_000 };
  expect(namesOf({ withoutPrice: [ended] })).toEqual([]);
  expect(namesOf({ withoutPrice: [ended] }, late)).toEqual(["list"]);
  const past = { ...ended, tradingDay: "2026-11-20" };
  expect(namesOf({ withoutPrice: [past] }, late)).toEqual(["ends"]);
  expect(namesOf({ withoutPrice: [{ ...past, tradingDay: "2026-10-20" }] }, late)).toEqual([]);
});
