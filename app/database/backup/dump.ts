import { createHash } from "node:crypto";
import { PassThrough } from "node:stream";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { dumpKey, manifestKey } from "../../packages/contract/dumps";
import type { Manifest } from "../../packages/contract/dumps";
import type { DatabaseConfig } from "../../packages/kit/config/sections";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions, sqlState } from "../../packages/kit/database/database";
import { inTurn, withLockRetries } from "../locks";
import { contentsOf, digestsOfDump } from "./contents";
import { databaseArgument, startTool } from "./postgres-tools";

/** Where dumps are put. */
export interface DumpStore {
  /** Takes a stream of any length; nothing is kept of one that breaks off. */
  put(key: string, body: Readable | string): Promise<void>;
}

export interface Dump {
  /** Who owns the tables. */
  readonly owner: DatabaseConfig;
  readonly store: DumpStore;
  /** Names the dump in the store. */
  readonly name: string;
  readonly now: () => Date;
  /** For maintenance, or another dump, that is under way. @default ten minutes */
  readonly waitMs?: number;
}

/**
 * Dumps a database into a store, and beside it its contents: both as of one snapshot, while services go on writing. Every
 * table of the snapshot is held until both are there, so that none is dropped or changed meanwhile.
 *
 * Rights are dumped too, so that what a report may read stays as it was; owners are not, as another server has others.
 *
 * @throws DatabaseBusy while maintenance or another dump is under way
 */
export async function dumpDatabase(dump: Dump): Promise<Manifest> {
  const client = new DatabaseClient(connectionOptions(dump.owner, "dump-database"));
  await client.connect();
  try {
    return await inTurn(client, () => dumpWith(client, dump), dump.waitMs);
  } finally {
    await client.end();
  }
}

async function dumpWith(client: DatabaseClient, { owner, store, name, now }: Dump): Promise<Manifest> {
  const { snapshot, version } = await withLockRetries(client, () => holdTables(client));
  const takenAt = now();
  // Rows are counted while they are dumped: vacuum waits for the snapshot's end.
  const counted = new AbortController();
  const counting = contentsOf(client, digestsOfDump(takenAt)).catch((error: unknown) => {
    counted.abort();
    throw error;
  });
  const [{ bytes, sha256 }, contents] = await Promise.all([
    upload({ owner, snapshot, key: dumpKey(name), store, signal: counted.signal }),
    counting,
  ]);
  await client.query("COMMIT");
  const manifest: Manifest = {
    schema: 2,
    database: owner.name,
    takenAt: takenAt.toISOString(),
    serverVersion: version,
    bytes,
    sha256,
    contents,
  };
  await store.put(manifestKey(name), JSON.stringify(manifest));
  return manifest;
}

interface Snapshot {
  readonly snapshot: string;
  readonly version: string;
}

const HOLD_TRIES = 10;

/** Begins the transaction of a snapshot, and holds every table of it: what comes or goes in between begins it anew. */
async function holdTables(client: DatabaseClient): Promise<Snapshot> {
  for (let tries = 1; tries <= HOLD_TRIES; tries += 1) {
    const { rows: tables } = await client.query<{ name: string }>(`SELECT c.oid::regclass AS name ${DUMPED}`);
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    try {
      // No query yet: the first one takes the snapshot.
      if (tables.length > 0) {
        await client.query(`LOCK TABLE ${tables.map(({ name }) => name).join(", ")} IN ACCESS SHARE MODE`);
      }
      const { rows } = await client.query<Snapshot & { complete: boolean }>(
        `SELECT pg_export_snapshot() AS snapshot, current_setting('server_version') AS version,
                NOT EXISTS (SELECT ${DUMPED} AND NOT EXISTS (SELECT FROM pg_locks l
                  WHERE l.relation = c.oid AND l.pid = pg_backend_pid() AND l.granted)) AS complete`,
      );
      const [found] = rows;
      if (found?.complete === true) return found;
    } catch (error) {
      await client.query("ROLLBACK");
      if (sqlState(error) !== UNDEFINED_TABLE) throw error;
      continue;
    }
    await client.query("ROLLBACK");
  }
  throw new Error("tables come and go: their snapshot cannot be held; dump again when they have settled");
}

const UNDEFINED_TABLE = "42P01";

/** Tables and partitions but those of PostgreSQL itself and of extensions, which nobody drops one by one. */
const DUMPED = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND has_table_privilege(c.oid, 'SELECT')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

interface Upload {
  readonly owner: DatabaseConfig;
  readonly snapshot: string;
  readonly key: string;
  readonly store: DumpStore;
  /** Ends `pg_dump`. */
  readonly signal: AbortSignal;
}

async function upload({ owner, snapshot, key, store, signal }: Upload) {
  const args = [
    databaseArgument(owner.name),
    "--format=custom",
    // 9 makes a fifth less of it, in six times the time (ADR 181).
    "--compress=1",
    "--no-owner",
    "--enable-row-security",
    `--snapshot=${snapshot}`,
    "--lock-wait-timeout=60s",
  ];
  const dump = startTool("pg_dump", args, owner, signal);
  const hash = createHash("sha256");
  let bytes = 0;
  const body = new PassThrough();
  body.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    hash.update(chunk);
  });
  // The stream ends only when the program has ended well: half a dump must not look like one.
  const feed = pipeline(dump.output, body, { end: false })
    .then(() => dump.ended)
    .then(
      () => body.end(),
      (error: unknown) => body.destroy(error as Error),
    );
  await Promise.all([store.put(key, body), feed, dump.ended]);
  return { bytes, sha256: hash.digest("hex") };
}
