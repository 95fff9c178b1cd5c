import { Readable } from "node:stream";
import { Client } from "pg";
import { dumpDatabase } from "../../../app/database/backup/dump";
import { restoreDump } from "../../../app/database/backup/restore";
import { DatabaseBusy } from "../../../app/database/locks";
import { bootstrapTimeSeries, maintainTimeSeries } from "../../../app/database/time-series/bootstrap";
import { dumpKey, manifestKey, parseManifest } from "../../../app/packages/contract/dumps";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import { describeWhere } from "../../support/skip";
import { debianPostgresMissing } from "../support/debian-postgres";
import { startOwnedDatabase } from "../support/owned-database";
import type { OwnedDatabase } from "../support/owned-database";
import { insertTicks } from "./time-series/time-series";

const now = new Date("2026-11-23T00:30:00Z");
/** Days that are dropped while they are dumped, with two ticks each; and one day that stays. */
const DROPPED = ["2026-11-10", "2026-11-11", "2026-11-12"];
const STAYS = "2026-11-20";
const DUMP = dumpKey("overlapped");

const missing = debianPostgresMissing();

describeWhere(missing, "a dump of an owner", () => {
  const path = process.env["PATH"];
  let database: OwnedDatabase;
  let owner: Client;

  beforeAll(async () => {
    database = await startOwnedDatabase();
    process.env["PATH"] = `${database.binaries}:${path}`;
    owner = new Client(connectionOptions(database.ownerConfig, "test"));
    await owner.connect();
    await insertTicks(
      owner,
      [...DROPPED, STAYS].flatMap((day) => [`${day}T09:00:00Z`, `${day}T09:00:01Z`]),
    );
    await maintainTimeSeries(owner, now);
  });
  afterAll(async () => {
    process.env["PATH"] = path;
    await owner.end();
    await database.drop();
  });

  /** Keeps what is dumped, and does something when a dump begins to be written and when it is written. */
  class Store {
    readonly objects = new Map<string, Buffer>();
    constructor(private readonly meanwhile: (at: "begin" | "end") => Promise<void>) {}

    async put(key: string, body: Readable | string): Promise<void> {
      if (key === DUMP) await this.meanwhile("begin");
      this.objects.set(key, typeof body === "string" ? Buffer.from(body) : Buffer.concat(await body.toArray()));
      if (key === DUMP) await this.meanwhile("end");
    }
  }
  const dump = (store: Store, waitMs?: number) =>
    dumpDatabase({ owner: database.ownerConfig, store, name: "overlapped", now: () => now, waitMs });
  const restore = (store: Store, manifest = String(store.objects.get(manifestKey("overlapped")))) =>
    restoreDump({
      source: {
        manifest: () => Promise.resolve(manifest),
        dump: () => Promise.resolve(Readable.from([store.objects.get(DUMP)])),
      },
      owner: database.ownerConfig,
      application: database.config,
      into: "bist_trading_overlapped",
      scratch: false,
    });
  const dropDay = (day: string) => owner.query(`DROP TABLE market_ticks_p${day.replaceAll("-", "")}`);

  test("is what its manifest says, though partitions are dropped meanwhile, and holds them until then", async () => {
    const dropped: (number | null)[] = [];
    await owner.query("SET lock_timeout = '200ms'");
    const store = new Store(async (at) => {
      const [day = ""] = at === "begin" ? DROPPED : DROPPED.slice(1);
      await dropDay(day).then(
        ({ rowCount }) => dropped.push(rowCount),
        (error: unknown) => {
          expect(error).toMatchObject({ code: "55P03" });
        },
      );
    });
    await dump(store);
    await restore(store);
    expect(dropped).toEqual([]);
    expect(await database.rowsOf("bist_trading_overlapped", "market_ticks")).toHaveLength(8);
    await dropDay(DROPPED[2] ?? "");
    await owner.query("RESET lock_timeout");
  });

  test("keeps maintenance waiting for a while only, and a bootstrap goes on without it", async () => {
    const during: unknown[] = [];
    const another = new Client(connectionOptions(database.ownerConfig, "test"));
    await another.connect();
    const store = new Store(async (at) => {
      if (at === "end") return;
      during.push(await maintainTimeSeries(another, now, { waitMs: 100 }).catch((error: unknown) => error));
      during.push(await bootstrapTimeSeries(another, now));
      during.push(await dump(store, 100).catch((error: unknown) => error));
    });
    await dump(store);
    const busy = /^a dump or maintenance is under way: pid \d+, user bist_admin, application dump-database, since 20/;
    expect(during).toEqual([
      expect.any(DatabaseBusy),
      expect.objectContaining({ isNew: false, postponed: expect.stringMatching(busy) as string }),
      expect.any(DatabaseBusy),
    ]);
    expect(await maintainTimeSeries(another, now)).toEqual([]);
    await another.end();
  });

  test("waits for maintenance a while only, and leaves nothing", async () => {
    await owner.query("SELECT pg_advisory_lock(hashtextextended('bist time series', 0))");
    const store = new Store(() => Promise.resolve());
    await expect(dump(store, 100)).rejects.toThrow(DatabaseBusy);
    expect(store.objects.size).toBe(0);
    await owner.query("SELECT pg_advisory_unlock(hashtextextended('bist time series', 0))");
  });

  test("hashes ticks of the last week, and counts all", async () => {
    const store = new Store(() => Promise.resolve());
    await dump(store);
    const { schema, contents } = parseManifest(String(store.objects.get(manifestKey("overlapped"))));
    expect(schema).toBe(2);
    const digestFrom = "2026-11-16T00:00:00.000Z";
    expect(contents.tables["market_ticks"]).toMatchObject({ rows: 6, digestFrom });
    expect(contents.tables["users"]).not.toHaveProperty("digestFrom");
    const { rows } = await owner.query<{ digest: string }>(
      `SELECT sum(hashtextextended(t::text, 0)::numeric)::text AS digest FROM market_ticks t WHERE "timestamp" >= $1`,
      [digestFrom],
    );
    expect(contents.tables["market_ticks"]?.digest).toBe(rows[0]?.digest);
  });

  test("with a manifest of before, which hashed every tick, is held against all of them", async () => {
    const store = new Store(() => Promise.resolve());
    await dump(store);
    const manifest = parseManifest(String(store.objects.get(manifestKey("overlapped"))));
    const { rows } = await owner.query<{ digest: string }>(
      "SELECT sum(hashtextextended(t::text, 0)::numeric)::text AS digest FROM market_ticks t",
    );
    const before = (digest = "") => {
      const tables = { ...manifest.contents.tables, market_ticks: { rows: 6, digest } };
      return JSON.stringify({ ...manifest, schema: 1, contents: { ...manifest.contents, tables } });
    };
    expect(await restore(store, before(rows[0]?.digest))).toMatchObject({ tables: { market_ticks: rows[0] } });
    await expect(restore(store, before("1"))).rejects.toThrow(/market_ticks has 6 rows as expected, but not the same/);
  });
});
