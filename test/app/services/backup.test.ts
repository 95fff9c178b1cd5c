import { randomInt } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { pino } from "pino";
import { copiesOf, switchDatabases } from "../../../app/database/backup/databases";
import { dumpDatabase } from "../../../app/database/backup/dump";
import { dumpKey, manifestKey, parseManifest } from "../../../app/packages/contract/dumps";
import { dumpAt, restoreDump } from "../../../app/database/backup/restore";
import { createFeedPool } from "../../../app/services/market-data/store/feed-pool";
import { tickLine } from "../../../app/services/market-data/store/tick-lines";
import { storeBatch } from "../../../app/services/market-data/store/tick-store";
import { describeWhere } from "../../support/skip";
import { closeAfterTests } from "../support/left-over";
import { debianPostgresMissing } from "../support/debian-postgres";
import { startOwnedDatabase } from "../support/owned-database";
import type { OwnedDatabase } from "../support/owned-database";
import { asSuperuser } from "../support/postgres";
import { registerUser, signIn, startUserManagement } from "../support/users";

const now = () => new Date("2026-11-23T00:30:00Z");

/** A bucket of this test's own, read over HTTP as a signed address is. */
class Bucket {
  readonly objects = new Map<string, Buffer>();
  private readonly server: Server = createServer((request, response) => {
    const found = this.objects.get(request.url?.slice(1) ?? "");
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });

  async put(key: string, body: Readable | string): Promise<void> {
    this.objects.set(key, typeof body === "string" ? Buffer.from(body) : Buffer.concat(await body.toArray()));
  }

  async listen() {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    closeAfterTests(() => new Promise((resolve) => this.server.close(resolve)));
  }

  source(name: string) {
    const base = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return dumpAt(`${base}/${dumpKey(name)}`, `${base}/${manifestKey(name)}`);
  }
}

describeWhere(debianPostgresMissing(), "a dump", () => {
  const bucket = new Bucket();
  const path = process.env["PATH"];
  let database: OwnedDatabase;
  const restore = (into: string, scratch = false) =>
    restoreDump({
      source: bucket.source("whole"),
      owner: database.ownerConfig,
      application: database.config,
      into,
      scratch,
    });

  beforeAll(async () => {
    await bucket.listen();
    database = await startOwnedDatabase();
    process.env["PATH"] = `${database.binaries}:${path}`;
    await fill(database);
    await dumpDatabase({ owner: database.ownerConfig, store: bucket, name: "whole", now });
  });
  afterAll(async () => {
    process.env["PATH"] = path;
    await database.drop();
  });

  test("brings every row back, guarded rows and ticks too, into a database of its own", async () => {
    const contents = await restore("bist_trading_copy");
    const { contents: dumped } = parseManifest(bucket.objects.get(manifestKey("whole"))?.toString() ?? "");
    expect(contents).toEqual(dumped);
    expect(contents.tables["market_ticks"]).toMatchObject({ rows: TICKS });
    for (const table of Object.keys(contents.tables)) {
      const [one, other] = [database.rowsOf("bist_trading", table), database.rowsOf("bist_trading_copy", table)];
      expect([table, await other]).toEqual([table, await one]);
    }
    expect(contents.tables["users"]?.rows).toBe(3);
  });

  test("keeps who may read what", async () => {
    await restore("bist_trading_copy");
    const rights = (name: string) =>
      database.rowsOf(name, "(SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants)");
    expect(await rights("bist_trading_copy")).toEqual(await rights("bist_trading"));
  });

  test("leaves no scratch database after its verification", async () => {
    await restore("bist_trading_scratch", true);
    expect(await copiesOf(database.ownerConfig)).not.toContain("bist_trading_scratch");
  });

  test("is refused when a byte of it is another, before a database is made", async () => {
    const dump = bucket.objects.get(dumpKey("whole")) ?? Buffer.alloc(0);
    const damaged = Buffer.from(dump);
    damaged[damaged.length - 100] = (damaged.at(-100) ?? 0) ^ 1;
    bucket.objects.set(dumpKey("whole"), damaged);
    try {
      await expect(restore("bist_trading_damaged")).rejects.toThrow(/the dump is damaged/);
      expect(await copiesOf(database.ownerConfig)).not.toContain("bist_trading_damaged");
    } finally {
      bucket.objects.set(dumpKey("whole"), dump);
    }
  });

  test("does not stay where it differs from its manifest", async () => {
    const before = bucket.objects.get(manifestKey("whole"));
    const manifest = parseManifest(before?.toString() ?? "");
    const tables = { ...manifest.contents.tables, users: { rows: 3, digest: "1" } };
    bucket.objects.set(
      manifestKey("whole"),
      Buffer.from(JSON.stringify({ ...manifest, contents: { ...manifest.contents, tables } })),
    );
    try {
      await expect(restore("bist_trading_other")).rejects.toThrow(/users has 3 rows as expected, but not the same/);
      expect(await copiesOf(database.ownerConfig)).not.toContain("bist_trading_other");
    } finally {
      if (before !== undefined) bucket.objects.set(manifestKey("whole"), before);
    }
  });

  test("is restored where the owner may not create an extension that it had", async () => {
    await asSuperuser(database, "CREATE EXTENSION pg_stat_statements SCHEMA extensions");
    try {
      await dumpDatabase({ owner: database.ownerConfig, store: bucket, name: "extended", now });
    } finally {
      await asSuperuser(database, "DROP EXTENSION pg_stat_statements");
    }
    const { username, password } = database.config;
    const contents = await restoreDump({
      source: bucket.source("extended"),
      owner: database.ownerConfig,
      application: { username, password },
      into: "bist_trading_extended",
      scratch: false,
    });
    expect(contents.tables["users"]?.rows).toBe(3);
    const extensions = "(SELECT extname FROM pg_extension)";
    expect(await database.rowsOf("bist_trading_extended", extensions)).toEqual(["(pgcrypto)", "(plpgsql)"]);
    for (const key of [dumpKey("extended"), manifestKey("extended")]) bucket.objects.delete(key);
  });

  test("never goes over the live database", async () => {
    await expect(restore("bist_trading")).rejects.toThrow(/is the live database/);
  });

  test("leaves nothing in the bucket when it fails", async () => {
    const owner = database.config;
    await expect(dumpDatabase({ owner, store: bucket, name: "failed", now })).rejects.toThrow(/permission denied/);
    expect([...bucket.objects.keys()]).toEqual([dumpKey("whole"), manifestKey("whole")]);
  });

  test("becomes the live database, and goes back, while sessions are open", async () => {
    await restore("bist_trading_copy");
    const service = await startUserManagement(database);
    const later = await registerUser(service);
    const known = () => database.query("SELECT FROM users WHERE user_id = $1", [later.userId]);
    await switchDatabases(database.ownerConfig, "bist_trading_copy", "bist_trading_before");
    await switchDatabases(database.ownerConfig, "bist_trading_copy", "bist_trading_before");
    expect(await known()).toHaveLength(0);
    await switchDatabases(database.ownerConfig, "bist_trading_before", "bist_trading_copy");
    expect(await known()).toHaveLength(1);
    expect((await signIn(service, later)).accessToken).not.toBe("");
    await service.stop();
    await database.query("DELETE FROM users WHERE user_id = $1", [later.userId]);
  });
});

/** Users by their service, and ticks by the feed's own way to the database. */
/** A dump of several hundred KiB: more than a pipe to pg_restore takes at once. */
const TICKS = 40_000;

async function fill(database: OwnedDatabase): Promise<void> {
  const service = await startUserManagement(database);
  for (let count = 0; count < 3; count += 1) await signIn(service, await registerUser(service));
  await service.stop();
  const pool = createFeedPool(database.config, pino({ level: "silent" }));
  await database.query("UPDATE market_feeds SET epoch = 1");
  const ticks = Array.from({ length: TICKS }, (_, index) => ({
    symbol: "GARAN",
    market: "IMKBH",
    timestamp: `2026-11-${index < TICKS / 2 ? "20" : "23"}T10:00:00+03:00`,
    epochMs: Date.parse("2026-11-23T07:00:00Z"),
    price: `${randomInt(100, 200)}.${randomInt(10, 100)}`,
    quantity: String(randomInt(1, 1_000_000)),
    side: "BUY" as const,
    bid: "123.30",
    ask: undefined,
    sequence: index + 1,
    symbolSequence: index + 1,
  }));
  await storeBatch(pool, 1, { firstSequence: 1, lastSequence: TICKS, lines: ticks.map(tickLine).join("") });
  await pool.end();
}
