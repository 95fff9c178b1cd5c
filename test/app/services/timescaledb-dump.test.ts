import { Readable } from "node:stream";
import { Client } from "pg";
import { copiesOf } from "../../../app/database/backup/databases";
import { dumpDatabase } from "../../../app/database/backup/dump";
import { restoreDump } from "../../../app/database/backup/restore";
import { dumpKey, manifestKey, parseManifest } from "../../../app/packages/contract/dumps";
import type { DatabaseConfig } from "../../../app/packages/kit/config/sections";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import { describeWhere } from "../../support/skip";
import { debianPostgresMissing, withTimescaledb } from "../support/debian-postgres";
import { startOwnedDatabase } from "../support/owned-database";
import type { OwnedDatabase } from "../support/owned-database";
import { filledParts, insertTicks } from "./time-series/time-series";

const missing = debianPostgresMissing("timescaledb");

const COPY = "bist_trading_copy";

describeWhere(missing, "a dump of hypertables that an owner made who is no superuser", () => {
  const path = process.env["PATH"];
  const objects = new Map<string, Buffer>();
  let database: OwnedDatabase;

  beforeAll(async () => {
    const settings = withTimescaledb;
    database = await startOwnedDatabase({ settings });
    process.env["PATH"] = `${database.binaries}:${path}`;
    const owner = database.ownerConfig;
    const client = new Client(connectionOptions(owner, "test"));
    await client.connect();
    await insertTicks(client, ["2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z", "2026-11-20T10:00:01Z"]);
    await client.query("SELECT compress_chunk(chunk) FROM show_chunks('market_ticks') chunk LIMIT 1");
    await client.end();
    const store = {
      put: async (key: string, body: Readable | string) => {
        objects.set(key, typeof body === "string" ? Buffer.from(body) : Buffer.concat(await body.toArray()));
      },
    };
    await dumpDatabase({ owner, store, name: "ticks", now: () => new Date("2026-11-23T00:30:00Z") });
  });
  afterAll(async () => {
    process.env["PATH"] = path;
    await database.drop();
  });

  const manifest = () => String(objects.get(manifestKey("ticks")));
  const restoreAs = (owner: DatabaseConfig) =>
    restoreDump({
      source: {
        manifest: () => Promise.resolve(manifest()),
        dump: () => Promise.resolve(Readable.from([objects.get(dumpKey("ticks"))])),
      },
      owner,
      application: database.config,
      into: COPY,
      scratch: false,
    });

  test("is refused to that owner, with the reason, before anything is made", async () => {
    await expect(restoreAs(database.ownerConfig)).rejects.toThrow(
      /^the dump is of TimescaleDB, whose catalogue only a superuser restores, and bist_admin is none/,
    );
    expect(await copiesOf(database.ownerConfig)).toEqual(["bist_trading"]);
  });

  test("comes back whole for a superuser, chunk by chunk", async () => {
    expect(await restoreAs(database.superuserConfig)).toEqual(parseManifest(manifest()).contents);
    const parts = async (name: string) => {
      const client = new Client(connectionOptions({ ...database.superuserConfig, name }, "test"));
      await client.connect();
      const filled = await filledParts(client);
      await client.end();
      return filled;
    };
    expect(await parts(COPY)).toEqual(await parts("bist_trading"));
  });
});
