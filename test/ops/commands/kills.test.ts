import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contents } from "../../../app/packages/contract/dumps";
import { colours } from "../../../config/schema/release-state";
import { JOURNAL_KEY, LEASE_MS } from "../../../ops/core/journal";
import type { Journal } from "../../../ops/core/journal";
import { currentJournal } from "../../../ops/core/operation-lease";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { Killer } from "../support/killer";
import { readLedger, writeLedger } from "../support/ledger-jobs";
import { encryption, SecretCopier } from "../support/secret-copier";
import { testEnvironmentMissing } from "../support/test-environment";

jest.setTimeout(15 * 60_000);

/** What a process is killed after, and how much of it a start makes before it goes on. */
interface Kills {
  readonly counting?: string;
  readonly takenOver: number;
}

/** Every change; a start takes the lease and writes the audit trail's entry. */
const AT_EVERY_CHANGE: Kills = { takenOver: 2 };

/** Every note in the journal, for what is made of commands that are killed at every change themselves. */
const AT_EVERY_NOTE: Kills = { counting: `records.write ${JOURNAL_KEY}`, takenOver: 1 };

interface Scenario {
  readonly name: string;
  readonly line: (harness: Harness) => Promise<string> | string;
  /** What it needs before it. @default nothing */
  readonly prepare?: (harness: Harness) => unknown;
  /** Path of the application at whose answer it fails; it is killed while it goes back, too. @default none */
  readonly broken?: string;
  /** @default at every change */
  readonly at?: Kills;
  /** @default done */
  readonly ends?: "done" | "undone";
  /** Fewest kills that it takes. @default 10 */
  readonly kills?: number;
  /** What is wrong at its end, beside what is wrong after anything. @default nothing */
  readonly disorder?: (harness: Harness) => Promise<readonly string[]>;
}

const contents = (users: number): Contents => ({ migrations: ["001"], tables: { users: { rows: users } } });
const ledger = join(mkdtempSync(join(tmpdir(), "ledger-")), "databases.json");

/** How many users each database has, copies by their kind alone. */
const users = () =>
  Object.entries(readLedger(ledger).databases).map(
    ([name, { tables }]) => `${name.replace(/_\d{14}$/, "")} ${tables["users"]?.rows ?? 0}`,
  );
const holding = (expected: readonly string[]) => () =>
  Promise.resolve(String(users().sort()) === String([...expected].sort()) ? [] : [`databases: ${String(users())}`]);

const dumpWithOneUser = async (harness: Harness) => {
  await harness.ops("backup");
  writeLedger(ledger, { databases: { bist_trading: contents(2) } });
};
const newestDump = async (harness: Harness) => (await harness.platform.dumps.names())[0] ?? "";

const release = async (harness: Harness) => `release ${await harness.image("second")} --weights 100 --soak 0`;
const released = async (harness: Harness) => harness.ops(await release(harness));

/** Without pods of the live colour, and with half of the requests gone astray. */
const lost = async (harness: Harness) => {
  await harness.platform.cluster.change("user-management-service-blue", { replicas: 0 });
  await harness.platform.loadBalancer.setWeights({ blue: 50, green: 50 });
};

const scenarios: readonly Scenario[] = [
  { name: "release", line: release },
  { name: "release that fails", line: release, broken: "/api/v1/symbols", ends: "undone" },
  {
    name: "rollback",
    prepare: async (harness) => harness.ops(`${await release(harness)} --keep-previous`),
    line: () => "rollback --soak 0",
  },
  { name: "maintenance scale", line: () => "maintenance scale market-data=4" },
  {
    name: "maintenance update",
    prepare: released,
    line: async (harness) => `maintenance update ${await harness.image("third")}`,
  },
  {
    name: "backup",
    line: () => "backup",
    kills: 8,
    disorder: async (harness) => {
      await harness.platform.dumps.require(await newestDump(harness));
      return [];
    },
  },
  {
    name: "restore dump",
    prepare: dumpWithOneUser,
    line: async (harness) => `restore dump ${await newestDump(harness)}`,
    kills: 7,
    disorder: holding(["bist_trading 2", "bist_trading_restored 1"]),
  },
  {
    name: "restore dump that fails",
    prepare: async (harness) => {
      await dumpWithOneUser(harness);
      writeLedger(ledger, { ...readLedger(ledger), damaged: true });
    },
    line: async (harness) => `restore dump ${await newestDump(harness)}`,
    ends: "undone",
    kills: 7,
    disorder: holding(["bist_trading 2"]),
  },
  {
    name: "restore switch",
    prepare: () => {
      writeLedger(ledger, { databases: { bist_trading: contents(2), bist_trading_copy: contents(1) } });
    },
    line: () => "restore switch bist_trading_copy",
    kills: 8,
    disorder: holding(["bist_trading 1", "bist_trading_before 2"]),
  },
  {
    name: "recover database",
    prepare: dumpWithOneUser,
    line: () => "recover database --accept-loss",
    disorder: holding(["bist_trading 1", "bist_trading_before 2"]),
  },
  { name: "recover application", prepare: lost, line: () => "recover application" },
  {
    name: "recover application that fails",
    line: () => "recover application",
    broken: "/api/v1/symbols",
    ends: "undone",
  },
  {
    name: "recover full",
    prepare: async (harness) => {
      await dumpWithOneUser(harness);
      await lost(harness);
    },
    line: () => "recover full --accept-loss",
    at: AT_EVERY_NOTE,
    disorder: holding(["bist_trading 1", "bist_trading_before 2"]),
  },
  {
    name: "drill",
    prepare: released,
    line: () => "drill",
    at: AT_EVERY_NOTE,
    kills: 30,
    disorder: holding(["bist_trading 1"]),
  },
];

describeWhere(testEnvironmentMissing(), "killed at every point and started again,", () => {
  const application = new FakeApplication();
  const killer = new Killer();
  let harness: Harness;
  let address: string;

  beforeAll(async () => {
    process.env["OPS_TEST_LEDGER"] = ledger;
    address = await application.listen();
    harness = new Harness(address);
    await killer.prepare();
  });
  beforeEach(async () => {
    application.broken = undefined;
    writeLedger(ledger, { databases: { bist_trading: contents(1) } });
    await harness.reset();
  });
  afterAll(async () => {
    delete process.env["OPS_TEST_LEDGER"];
    killer.end();
    rmSync(ledger);
    await application.close();
  });

  const journal = async () => (await currentJournal(harness.records))?.journal;
  const run = async (line: string, killAt: number | string, counting?: string) => {
    const time = harness.clock.now().getTime();
    const ended = await killer.run({ line, application: address, time, killAt, counting });
    harness.clock.pass(LEASE_MS);
    return ended;
  };

  /**
   * Kills a run after every change that it makes: each start is let come one change further than the one before, until
   * the journal gets on, and then begins with its first change again. Every change of the whole operation is the last
   * one of some process.
   */
  async function killAllAlong(line: string, { counting, takenOver } = AT_EVERY_CHANGE): Promise<readonly string[]> {
    const kills: string[] = [];
    const earlier = (await journal())?.id;
    for (let killAt = 1, before: Journal | undefined; ;) {
      const { killed, points, code, stderr } = await run(line, killAt, counting);
      const found = await journal();
      const now = found?.id === earlier ? undefined : found;
      if (killed) kills.push(points.at(-1) ?? "");
      // Whoever is not killed has come to the end that it says.
      else expect([stderr, code]).toEqual([stderr, now?.ended?.outcome === "undone" ? 5 : 0]);
      if (!killed || now?.ended !== undefined) return kills;
      const progress = now?.done.length !== before?.done.length || now?.direction !== before?.direction;
      if (now !== undefined && before === undefined) killAt = 1;
      // Once is enough for what takes an operation over.
      else killAt = progress ? takenOver + 1 : killAt + 1;
      before = now;
    }
  }

  test.each(scenarios)("a $name comes to a good end", async (scenario) => {
    const { line, prepare, broken, at, ends = "done", kills = 10, disorder: more } = scenario;
    await prepare?.(harness);
    const typed = await line(harness);
    application.broken = broken;
    const killed = await killAllAlong(typed, at);
    expect([killed, killed.length > kills]).toEqual([killed, true]);
    expect([killed, (await journal())?.ended?.outcome]).toEqual([killed, ends]);
    expect([killed, await disorder(harness)]).toEqual([killed, []]);
    expect([killed, await more?.(harness)]).toEqual([killed, more && []]);
  });

  test("a release that has just noted why it turns back comes to a good end", async () => {
    application.broken = "/api/v1/symbols";
    const typed = await release(harness);
    expect((await run(typed, "turned-back")).killed).toBe(true);
    expect(await harness.ops(typed)).toMatchObject({ code: 5 });
    expect(await disorder(harness)).toEqual([]);
  });

  test("a rotation comes to a good end, with one new value", async () => {
    const secret = new SecretCopier(harness, encryption);
    await secret.start();
    try {
      const killed = await killAllAlong("rotate encryption");
      expect(killed.length).toBeGreaterThan(10);
      expect((await journal())?.ended?.outcome).toBe("done");
      expect((await secret.inForce())["encryptionKeys"]).toMatch(/^2:[^,]+,1:Zmlyc3Q=$/);
      expect(await disorder(harness)).toEqual([]);
    } finally {
      await secret.remove();
    }
  });
});

/** Where release parameter, weights, pods, page and journal do not agree. */
async function disorder(harness: Harness): Promise<readonly string[]> {
  const state = await harness.platform.release.read();
  const weights = await harness.platform.loadBalancer.weights();
  const first = await harness.image("first");
  const wrongPods = Object.entries(harness.pods()).filter(([name, { wanted, image: running }]) => {
    const colour = colours.find((one) => name.endsWith(one)) ?? "blue";
    const declared = state.images[colour] === "" ? first : state.images[colour];
    return wanted > 0 !== (colour === state.live) || running !== declared;
  });
  const found = await currentJournal(harness.records);
  return [
    ...(state.standby === true ? ["a colour stands by"] : []),
    ...(state.weights[state.live] === 100 ? [] : [`${state.live} is live with ${state.weights[state.live]} %`]),
    ...(weights.length === 1 && weights[0]?.blue === state.weights.blue ? [] : [`weights ${JSON.stringify(weights)}`]),
    ...wrongPods.map(([name, pods]) => `${name} ${JSON.stringify(pods)}`),
    ...((await harness.platform.loadBalancer.isClosedToTraders()) ? ["the page is on"] : []),
    ...(found?.journal.ended === undefined ? ["the operation has not ended"] : []),
  ];
}
