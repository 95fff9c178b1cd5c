import { createHash } from "node:crypto";
import { PassThrough } from "node:stream";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { dumpKey, manifestKey } from "../../packages/contract/dumps";
import type { Manifest } from "../../packages/contract/dumps";
import type { DatabaseConfig } from "../../packages/kit/config/sections";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { contentsOf } from "./contents";
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
}

/**
 * Dumps a database into a store, and beside it its contents: both as of one snapshot, while services go on writing.
 *
 * Rights are dumped too, so that what a report may read stays as it was; owners are not, as another server has others.
 */
export async function dumpDatabase({ owner, store, name, now }: Dump): Promise<Manifest> {
  const client = new DatabaseClient(connectionOptions(owner, "dump-database"));
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { rows } = await client.query<{ snapshot: string; version: string }>(
      "SELECT pg_export_snapshot() AS snapshot, current_setting('server_version') AS version",
    );
    const takenAt = now().toISOString();
    const { snapshot = "", version = "" } = rows[0] ?? {};
    const { bytes, sha256 } = await upload(owner, snapshot, dumpKey(name), store);
    const contents = await contentsOf(client, { digests: true });
    await client.query("COMMIT");
    const manifest: Manifest = {
      schema: 1,
      database: owner.name,
      takenAt,
      serverVersion: version,
      bytes,
      sha256,
      contents,
    };
    await store.put(manifestKey(name), JSON.stringify(manifest));
    return manifest;
  } finally {
    await client.end();
  }
}

async function upload(owner: DatabaseConfig, snapshot: string, key: string, store: DumpStore) {
  const args = [
    databaseArgument(owner.name),
    "--format=custom",
    "--compress=9",
    "--no-owner",
    "--enable-row-security",
    `--snapshot=${snapshot}`,
    "--lock-wait-timeout=60s",
  ];
  const dump = startTool("pg_dump", args, owner);
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
