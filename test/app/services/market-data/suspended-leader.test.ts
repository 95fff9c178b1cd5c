import { Client } from "pg";
import { pino } from "pino";
import { services } from "../../../../app/packages/contract/services";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { buildMarketData } from "../../../../app/services/market-data/service";
import { LeaderLease } from "../../../../app/services/market-data/leader/leader-lease";
import type { Grant } from "../../../../app/services/market-data/leader/leader-lease";
import { createFeedPool } from "../../../../app/services/market-data/store/feed-pool";
import type { TestDatabase } from "../../support/postgres";
import { startTestService } from "../../support/service";
import type { TestService } from "../../support/service";
import { createMarketDatabase, marketDataConfig, quickLease, startReplica, storedTicks, until } from "./market-data";
import { ScriptedBroker, tickContent, wholeSecond } from "./scripted-broker";

describe("a lease that changes while its leader starts or ends", () => {
  let database: TestDatabase;
  let broker: ScriptedBroker;
  let replica: TestService | undefined;
  /** Each holds one lock, on a connection of its own. */
  let holders: Client[];

  beforeEach(async () => {
    database = await createMarketDatabase();
    broker = await ScriptedBroker.start();
    holders = [];
  });
  afterEach(async () => {
    await Promise.all(holders.map((holder) => holder.end()));
    await replica?.stop();
    replica = undefined;
    await broker.close();
    await database.drop();
  });

  /** @returns what ends the lock */
  const hold = async (lock: string) => {
    const holder = new Client(connectionOptions(database.ownerConfig, "test"));
    holders.push(holder);
    await holder.connect();
    await holder.query("BEGIN");
    await holder.query(lock);
    return () => holder.query("COMMIT");
  };
  const holdTicks = () => hold("LOCK TABLE market_ticks IN ACCESS EXCLUSIVE MODE");
  const start = () => {
    const config = marketDataConfig(database);
    return startTestService(services.marketData, config, async (kit) => {
      await buildMarketData(kit, config, { session: broker.session, leaseTimes: quickLease });
    });
  };
  const says = (service: TestService, message: RegExp) => () =>
    service.logged.some((line) => message.test(Object.values(line).join(" ")));
  const suspendAndResume = async (
    service: TestService,
    meanwhile: () => Promise<unknown> = () => Promise.resolve(),
  ) => {
    // Renewals wait, everything else is read.
    const release = await hold("SELECT FROM market_feeds FOR UPDATE");
    await until("the lease is suspended", says(service, /expired without renewal/));
    await meanwhile();
    await release();
    await until("the lease is resumed", says(service, /stays the leader/));
  };
  /** A second that is over, so that no connection is of it. */
  const second = wholeSecond(Date.now() - 5_000);
  /** Says a tick, by its quantity. */
  const say = (quantity: number) => {
    broker.say("T", tickContent({ TradeQuantity: quantity, Date: second }));
  };
  const stored = (quantity: number) =>
    database.query<{ sequence: string }>("SELECT sequence FROM market_ticks WHERE quantity = $1", [quantity]);

  const leaseEnd = async () =>
    (await database.query<{ at: string }>("SELECT expires_at::text AS at FROM market_feeds"))[0]?.at;

  test("one that is suspended while ticks are caught up with, and resumed, leads", async () => {
    const first = await startReplica(database, broker.session);
    await until("the broker is connected", () => broker.connected);
    say(1);
    await until("a tick is stored", async () => (await storedTicks(database)) === 1);
    await first.stop();
    await database.query("UPDATE market_feeds SET expires_at = now() + interval '1 hour'");
    const service = (replica = await start());
    // As if another leader had stored it: the replica knows that there is one more, and waits for it.
    const release = await holdTicks();
    await database.query("UPDATE market_feeds SET last_sequence = last_sequence + 1, expires_at = '-infinity'");
    await until("the lease is granted", says(service, /feed lease acquired/));
    await suspendAndResume(service, async () => {
      await release();
      await until("the replica has caught up", async () => {
        const [busy] = await database.query(
          "SELECT FROM pg_locks WHERE NOT granted AND relation = 'market_ticks'::regclass",
        );
        return busy === undefined;
      });
    });
    await until("the replica listens", () => broker.connected);
    say(3);
    await until("its tick is stored", async () => (await stored(3))[0]?.sequence === "3");
  });

  test("one that is resumed before it knows what was stored stores nothing twice", async () => {
    const first = await startReplica(database, broker.session);
    await until("the broker is connected", () => broker.connected);
    say(1);
    await until("a tick is stored", async () => (await storedTicks(database)) === 1);
    await first.stop();
    const before = broker.subscriptions;
    broker.onSubscribed = () => {
      say(1);
      say(2);
    };
    const release = await holdTicks();
    const service = (replica = await start());
    await until("the lease is granted", says(service, /feed lease acquired/));
    await suspendAndResume(service);
    // One that listens too early stores what it hears long before the second renewal from here.
    for (const which of ["next", "second"]) {
      const before = await leaseEnd();
      await until(`the ${which} renewal is made`, async () => (await leaseEnd()) !== before);
    }
    await release();
    await until("the replica listens", () => broker.subscriptions > before);
    await until("its tick is stored", async () => (await stored(2)).length > 0);
    expect(await stored(1)).toHaveLength(1);
  });

  test("one that a replica gets while it stops has no leader", async () => {
    const service = await start();
    await until("the broker is connected", () => broker.connected);
    await database.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused''; END'`,
    );
    await database.query("CREATE TRIGGER refuse BEFORE INSERT ON market_ticks EXECUTE FUNCTION refuse()");
    say(1);
    // So often that the next attempt is a while off.
    const refusals = () => service.logged.filter((line) => Object.values(line).includes("refused")).length;
    await until("the tick was refused often", () => refusals() > 6);
    const stopped = service.stop();
    // As if another replica had taken over and ended: this one acquires the lease again while it still stops.
    await database.query("UPDATE market_feeds SET epoch = epoch + 1, expires_at = '-infinity'");
    await stopped;
    await until("the broker is left", () => !broker.connected);
    const [feed] = await database.query("SELECT FROM market_feeds WHERE expires_at = '-infinity'");
    expect(feed).toBeDefined();
  });

  test("one that was granted anew is not lost by what was made for the grant before", async () => {
    const log = pino({ level: "silent" });
    const pool = createFeedPool(database.config, log);
    const grants: Grant[] = [];
    let lost = 0;
    const events = {
      granted: (grant: Grant) => grants.push(grant),
      suspended: () => undefined,
      resumed: () => undefined,
      lost: () => (lost += 1),
    };
    const lease = new LeaderLease(pool, "leader", events, log, { ttlMs: 3_600_000, renewMs: 50, pollMs: 50 });
    lease.start();
    await until("the lease is granted", () => grants.length === 1);
    await database.query("UPDATE market_feeds SET epoch = epoch + 1, expires_at = '-infinity'");
    await until("the lease is granted anew", () => grants.length === 2);
    const [before, now] = grants as [Grant, Grant];
    lease.fenced(before);
    expect([lease.isHeld(), lost]).toEqual([true, 1]);
    lease.fenced(now);
    expect([lease.isHeld(), lost]).toEqual([false, 2]);
    await lease.stop();
    await pool.end();
  });
});
