import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../../app/packages/simulator/random";
import type { LeaderLeaseTimes } from "../../../../app/services/market-data/leader/leader-lease";
import type { TestDatabase } from "../../support/postgres";
import { LeaderChild } from "./leader-child";
import { brokenFeedInvariants } from "./leader-invariants";
import { createMarketDatabase, marketDataConfig, storedTicks, until } from "./market-data";
import { ScriptedBroker, tickContent, wholeSecond } from "./scripted-broker";
import { SlowLink } from "../../support/slow-link";

/** How many leaders end; `LEADER_CRASHES=200` for a long night, `LEADER_CRASH_SEED` for other moments. */
const rounds = Number(process.env["LEADER_CRASHES"] ?? 7);
const firstSeed = Number(process.env["LEADER_CRASH_SEED"] ?? 1);
jest.setTimeout(120_000 + rounds * 60_000);

/** So short that leaders are replaced while they work, too. */
const times: LeaderLeaseTimes = { ttlMs: 700, renewMs: 150, pollMs: 50 };
const slowestMs = 12;

/** What happens to a leader, at moments that the seed draws: their pauses wait for nothing. */
const ends = ["killed", "killed", "frozen", "blinked", "stopped", "held", "cut", "left by the broker"] as const;

interface Replica {
  readonly child: LeaderChild;
  readonly link: SlowLink;
}

/** A broker that trades without pause: each trade with a quantity of its own, most of them late by up to hours. */
class Market {
  readonly broker: ScriptedBroker;
  private readonly said = new Map<string, { readonly at: number; readonly content: object }[]>();
  private readonly timer: NodeJS.Timeout;
  private count = 0;

  constructor(
    broker: ScriptedBroker,
    private readonly random: Random,
  ) {
    this.broker = broker;
    broker.onSubscribed = () => {
      this.repeat();
    };
    this.timer = setInterval(() => {
      if (!broker.connected) return;
      for (let trades = random.between(0, 6); trades > 0; trades--) this.trade();
    }, 8);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private trade(): void {
    const { random } = this;
    const lateMs = 5_000 + random.between(0, random.chance(0.1) ? 20 * 3_600_000 : 90_000);
    const at = Date.now() - lateMs;
    const symbol = random.chance(0.01) ? `N${random.between(1, 500)}` : `S${random.between(1, 12)}`;
    const content = {
      Symbol: symbol,
      Price: random.between(100, 9_999) / 100,
      TradeQuantity: ++this.count,
      Date: wholeSecond(at),
      Direction: random.chance(0.5) ? "B" : "S",
    };
    this.said.set(symbol, [...(this.said.get(symbol) ?? []), { at, content }].slice(-50));
    this.broker.say("T", tickContent(content));
  }

  /** Nothing, or the last trades of some symbols, as brokers do after a reconnection. */
  private repeat(): void {
    for (const trades of this.said.values()) {
      if (this.random.chance(0.5)) continue;
      // Last by arrival, as a process remembers them, and by their time, as they are read from the database.
      const latest = trades.toSorted((one, other) => one.at - other.at).slice(-this.random.between(1, 5));
      for (const { content } of latest) this.broker.say("T", tickContent(content));
    }
  }
}

describe("leaders that end at any moment", () => {
  let database: TestDatabase;
  let broker: ScriptedBroker;
  let market: Market;
  let replicas: Replica[];
  let random: Random;

  beforeAll(async () => {
    random = new Random(firstSeed);
    database = await createMarketDatabase();
    broker = await ScriptedBroker.start();
    market = new Market(broker, new Random(firstSeed + 1_000_000));
    replicas = [];
  });
  afterAll(async () => {
    market.close();
    await Promise.all(replicas.map((replica) => end(replica)));
    await broker.close();
    await database.drop();
  });

  const start = async () => {
    const { host, port } = database.config;
    const link = await SlowLink.start({ host, port }, random, slowestMs);
    const config = { ...database.config, host: "127.0.0.1", port: link.port };
    const child = await LeaderChild.start(marketDataConfig({ ...database, config }), broker.session, times);
    replicas.push({ child, link });
  };
  const end = async ({ child, link }: Replica) => {
    await child.kill();
    await link.close();
  };
  /** The replica that leads, once one does. */
  const leader = async () => {
    let found: Replica | undefined;
    await until("a replica leads", async () => {
      const [feed] = await database.query<{ epoch: string }>("SELECT epoch FROM market_feeds");
      found = replicas.find(({ child }) => child.alive && child.epoch > 0 && child.epoch === Number(feed?.epoch));
      return found !== undefined;
    });
    return found;
  };
  const goesOn = async () => {
    const before = await storedTicks(database);
    await until("ticks are stored", async () => (await storedTicks(database)) > before + 20).catch((error: unknown) => {
      const logs = replicas.flatMap(({ child }, n) => child.lines.slice(-12).map((line) => `${n}: ${line}`));
      throw new Error([(error as Error).message, ...logs].join("\n"));
    });
  };
  /** @returns what ended, to be waited for after another replica leads */
  const strike = async (what: (typeof ends)[number], { child, link }: Replica): Promise<() => Promise<void>> => {
    switch (what) {
      case "killed":
        child.signal("SIGKILL");
        break;
      case "stopped":
        child.signal("SIGTERM");
        break;
      case "frozen":
        child.signal("SIGSTOP");
        return async () => {
          await sleep(random.between(0, 500));
          child.signal("SIGCONT");
        };
      case "blinked":
        child.signal("SIGSTOP");
        await sleep(random.between(1, 1_500));
        child.signal("SIGCONT");
        break;
      case "held":
        link.hold(random.between(1, 3_000));
        break;
      case "cut":
        link.cut(random.between(0, 2_000));
        break;
      case "left by the broker":
        await broker.cut();
    }
    return () => Promise.resolve();
  };

  test(`${rounds} of them leave nothing wrong behind and do nothing twice`, async () => {
    const seen: Record<string, number> = {};
    for (let round = 0; round < rounds; round++) {
      // With one replica alone, nobody else leads when it comes back.
      for (const count = random.between(1, 2); replicas.length < count;) await start();
      await goesOn();
      await sleep(random.between(0, 700));
      const what = ends[random.between(0, ends.length - 1)] ?? "killed";
      const struck = await leader();
      if (struck === undefined) throw new Error("nobody leads");
      const comesBack = await strike(what, struck);
      seen[what] = (seen[what] ?? 0) + 1;
      expect({ round, what, broken: await brokenFeedInvariants(database) }).toEqual({ round, what, broken: [] });
      if (replicas.length < 2) await start();
      await goesOn();
      await comesBack();
      await goesOn();
      const gone = replicas.filter(({ child }) => !child.alive);
      await Promise.all(gone.map((replica) => end(replica)));
      replicas = replicas.filter((replica) => !gone.includes(replica));
      expect({ round, what, broken: await brokenFeedInvariants(database) }).toEqual({ round, what, broken: [] });
    }
    const [feed] = await database.query<{ epoch: string; last_sequence: string }>(
      "SELECT epoch, last_sequence FROM market_feeds",
    );
    const gaps = await database.query("SELECT FROM market_feed_gaps");
    console.info(`${JSON.stringify(seen)}; ${feed?.epoch} grants, ${feed?.last_sequence} ticks, ${gaps.length} gaps`);
  });
});
