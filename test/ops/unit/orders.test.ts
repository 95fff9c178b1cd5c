import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DoubtfulOrder, ResolvedOrder, ResolveOrderAnswer } from "../../../app/packages/contract/order-resolution";
import { projectRoot } from "../../../lib/paths";
import { JOURNAL_KEY } from "../../../ops/core/journal";
import { Unreachable } from "../../../ops/core/outcome";
import { ClusterJobs, databaseCommands } from "../../../ops/recovery/database-jobs";
import type { Cluster, JobChange } from "../../../ops/kubernetes/cluster";
import { clock, operator, runBefore as ops } from "../support/fake-application-jobs";
import { memoryRecords } from "../support/memory-records";

const orderId = "0b9f3f7e-6c1d-4c39-9a57-3f0c8f1d2e4b";
const userId = "5f0a9f7e-6c1d-4c39-9a57-3f0c8f1d2e4b";
const evidence = "account statement of 2026-11-27, read on 2026-11-28";

const inDoubt: DoubtfulOrder = {
  orderId,
  userId,
  symbol: "GARAN",
  side: "BUY",
  quantity: "3000",
  filledQuantity: "0",
  averageFillPrice: null,
  price: "101.50",
  since: "2026-11-27T09:00:10.000Z",
  tradingDay: "2026-11-27",
  brokerReference: null,
  reason: "ANSWER_NOT_SEEN: the connection was lost",
  version: 3,
  decidedBy: "ACCOUNT_STATEMENT",
};
const settled: ResolvedOrder = {
  orderId,
  userId,
  from: "UNKNOWN",
  to: "CANCELLED",
  quantity: "3000",
  filledBefore: "0",
  filledQuantity: "1517",
  averageFillPrice: "101.480000",
  brokerReference: "FO1AB2",
  execution: { quantity: "1517", price: "101.480000", priceDerived: false, settlementDate: "2026-12-01" },
  version: 3,
  evidence,
  operator,
};
const verdict = [
  ...["orders", "resolve", orderId, "--as", "CANCELLED", "--filled", "1517", "--average", "101.48"],
  ...["--reference", "FO1AB2", "--evidence", evidence],
];

const possible: ResolveOrderAnswer = { outcome: "possible", order: settled };
const resolved: ResolveOrderAnswer = { outcome: "resolved", order: settled };
const before: ResolveOrderAnswer = { outcome: "resolved before", order: { ...settled, execution: null } };
const refusal: ResolveOrderAnswer = { outcome: "refused", reasons: ["3001 lots are too many", "and another"] };

describe("orders doubtful", () => {
  test("lists what is known of each, and what decides it", async () => {
    const today = { ...inDoubt, price: null, brokerReference: "FO1AB2", decidedBy: "BROKER_SCREEN" };
    const { code, out, jobs, events } = await ops(["orders", "doubtful"], {
      answers: [{ orders: [inDoubt, today], total: 7 }],
    });
    expect(code).toBe(0);
    expect(jobs).toEqual([
      { name: expect.stringMatching(/^doubtful-orders-/) as string, command: "doubtful-orders", args: [] },
    ]);
    expect(out).toBe(
      [
        `${orderId}  BUY 3000 GARAN at 101.50, 0 filled`,
        `  user ${userId}, submitted on 2026-11-27, reference not known`,
        "  in doubt since 2026-11-27T09:00:10.000Z: ANSWER_NOT_SEEN: the connection was lost",
        "  decided by the account statement of 2026-11-27: a row of the same share, side and quantity for what was filled, none if nothing was",
        `${orderId}  BUY 3000 GARAN at the market, 0 filled`,
        `  user ${userId}, submitted on 2026-11-27, reference FO1AB2`,
        "  in doubt since 2026-11-27T09:00:10.000Z: ANSWER_NOT_SEEN: the connection was lost",
        "  decided by the row FO1AB2 on the broker's screen of today's orders, or none",
        "... and 5 more.",
        "",
      ].join("\n"),
    );
    expect(events).toEqual([]);
  });

  test("says so when there is none", async () => {
    const { code, out } = await ops(["orders", "doubtful"], { answers: [{ orders: [], total: 0 }] });
    expect([code, out]).toEqual([0, "No order is in doubt.\n"]);
  });

  test("answers in JSON what the application said", async () => {
    const { out } = await ops(["orders", "doubtful", "--json"], { answers: [{ orders: [inDoubt], total: 1 }] });
    expect(JSON.parse(out)).toMatchObject({ outcome: "done", answer: { orders: [inDoubt], total: 1 } });
  });

  test("believes no answer that it does not know", async () => {
    const { code, err } = await ops(["orders", "doubtful"], { answers: [{ orders: [{ orderId }], total: 1 }] });
    expect([code, err]).toEqual([1, expect.stringContaining("userId")]);
  });
});

describe("orders resolve", () => {
  const asked = [
    ...[orderId, "--as=CANCELLED", "--filled=1517", "--average=101.48", "--reference=FO1AB2"],
    ...[`--evidence=${evidence}`, `--operator=${operator}`],
  ];

  test("tries the verdict, then settles the order as it was tried, between two entries of the audit trail", async () => {
    const { code, out, jobs, audit, events } = await ops(verdict, { answers: [possible, resolved] });
    expect(code).toBe(0);
    expect(jobs.map(({ command, args }) => [command, args])).toEqual([
      ["resolve-order", [...asked, "--dry-run"]],
      ["resolve-order", [...asked, "--version=3"]],
    ]);
    expect(new Set(jobs.map(({ name }) => name)).size).toBe(2);
    expect(out).toContain("UNKNOWN to CANCELLED, 1517 of 3000 lots filled at 101.480000 on average, reference FO1AB2");
    expect(out).toContain("an execution of 1517 lots at 101.480000, and its transaction, settled on 2026-12-01");
    expect(events).toEqual(["done", "started"]);
    expect(audit[0]).toMatchObject({
      command: "orders resolve",
      operator,
      input: { orderId, as: "CANCELLED", filled: "1517", average: "101.48", reference: "FO1AB2", evidence },
    });
  });

  test("hands on a price that the order was given elsewhere", async () => {
    const { jobs } = await ops([...verdict, "--repriced-to", "103.00"], { answers: [possible, resolved] });
    expect(jobs[0]?.args).toContain("--repriced-to=103.00");
  });

  test("takes no lease: it runs beside an operation that is at work", async () => {
    const records = memoryRecords();
    await records.write(JOURNAL_KEY, "{not even read}", undefined);
    expect((await ops(verdict, { answers: [possible, resolved], records })).code).toBe(0);
  });

  test("shows in a dry run what it would do, and asks for no more", async () => {
    const { code, out, jobs, events } = await ops([...verdict, "--dry-run"], { answers: [possible] });
    expect([code, jobs.length, events]).toEqual([0, 1, []]);
    expect(out).toMatch(/^A dry run: nothing was changed\. It would\n {2}order .* UNKNOWN to CANCELLED/);
  });

  test("is refused with everything that the verdict contradicts, and leaves no trace", async () => {
    const { code, err, events } = await ops(verdict, { answers: [refusal] });
    expect([code, events]).toEqual([3, []]);
    expect(err).toBe(`${orderId} cannot be CANCELLED: 3001 lots are too many; and another\n`);
  });

  test("is refused when the order moved on between trying and settling", async () => {
    const { code, err, audit, events } = await ops(verdict, { answers: [possible, refusal] });
    expect([code, events]).toEqual([3, ["failed", "started"]]);
    expect(err).toContain("cannot be CANCELLED");
    expect(audit.find(({ event }) => event === "failed")?.reason).toContain("cannot be CANCELLED");
  });

  test("finds done what an earlier run was cut short in, and writes that down", async () => {
    const { code, out, jobs, events } = await ops(verdict, { answers: [before] });
    expect([code, jobs.length, events]).toEqual([0, 1, ["done", "started"]]);
    expect(out).toContain("It was settled so before.");
    const dry = await ops([...verdict, "--dry-run"], { answers: [before] });
    expect(dry.out).toContain("change nothing: it is so already");
  });

  test("that fails says that the same command again goes on", async () => {
    const { code, err, events } = await ops(verdict, { answers: [possible, new Error("the Job failed")] });
    expect([code, events]).toEqual([6, ["failed", "started"]]);
    expect(err).toBe(
      "the Job failed. It was done whole or not at all; the same command again does it, or finds it done.\n",
    );
  });

  test("changes nothing that the audit trail could not be told of first", async () => {
    const records = memoryRecords('"event":"started"');
    const { code, jobs, err } = await ops(verdict, { answers: [possible, resolved], records });
    expect([code, jobs.length, err]).toEqual([3, 1, expect.stringContaining("Nothing was changed")]);
  });

  test("that was done and not written down is told to be run again", async () => {
    const records = memoryRecords('"event":"done"');
    const { code, err } = await ops(verdict, { answers: [possible, resolved], records });
    expect([code, err]).toEqual([6, expect.stringContaining("the same command again writes it")]);
  });

  test("does not begin where the application cannot be asked", async () => {
    const { code, err, events } = await ops(verdict, { answers: [new Unreachable("the API does not answer")] });
    expect([code, err, events]).toEqual([3, "the API does not answer. Nothing was changed\n", []]);
  });

  test("asks for production's name twice, and before anything is run", async () => {
    const { code, err, jobs } = await ops(verdict, { answers: [possible], env: "production" });
    expect([code, jobs, err]).toEqual([3, [], expect.stringContaining("add --confirm production")]);
    const confirmed = await ops([...verdict, "--confirm", "production"], {
      answers: [possible, resolved],
      env: "production",
    });
    expect(confirmed.code).toBe(0);
  });

  test.each([
    [["orders", "resolve", "GARAN", "--as", "FILLED", "--evidence", "x"], /Use an order's id/],
    [["orders", "resolve", orderId, "--evidence", "x"], /required option '--as <status>'/],
    [["orders", "resolve", orderId, "--as", "ACCEPTED", "--evidence", "x"], /Allowed choices are FILLED, CANCELLED/],
    [["orders", "resolve", orderId, "--as", "FILLED"], /required option '--evidence <text>'/],
    [["orders", "resolve", orderId, "--as", "FILLED", "--evidence", "  "], /which record of the broker/],
    [["orders", "resolve", orderId, "--as", "FILLED", "--evidence", "x".repeat(2_001)], /which record of the broker/],
    [["orders", "resolve", orderId, "--as", "FILLED", "--evidence", "x", "--filled", "1.5"], /Use whole lots/],
    ...["0", "103,00", "103.005", "-1"].map((price): [string[], RegExp] => [
      ["orders", "resolve", orderId, "--as", "FILLED", "--evidence", "x", "--repriced-to", price],
      /Use lira/,
    ]),
  ])("refuses the command line %j", async (args, words) => {
    const { code, err, jobs } = await ops(args, { answers: [] });
    expect([code, err, jobs]).toEqual([2, expect.stringMatching(words), []]);
  });
});

describe("a command of the application", () => {
  test.each(Object.entries(databaseCommands))("%s has its sources where they are run from", (name, { folder }) => {
    expect(existsSync(join(projectRoot, folder, `${name}.ts`))).toBe(true);
  });

  test("runs in a cluster as a Job like one of every day, and answers with its last line", async () => {
    const started: [string, string, JobChange][] = [];
    const cluster = {
      startJob: (...given: [string, string, JobChange]) => Promise.resolve(void started.push(given)),
      job: () => Promise.resolve({ is: "succeeded" }),
      log: () => Promise.resolve('a warning\n{"orders":[],"total":0}\n'),
    } as unknown as Cluster;
    const context = { clock, pause: () => Promise.resolve(), progress: { note: () => undefined } as never };
    const job = { name: "a-name", command: "doubtful-orders", args: [] } as const;
    expect(await new ClusterJobs(cluster).run(context, job)).toEqual({ orders: [], total: 0 });
    expect(started).toEqual([["a-name", "database-maintenance", { args: ["doubtful-orders.js"] }]]);
  });
});
