import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Agent, fetch } from "undici";
import { networkLimits } from "../../packages/contract/network-limits";
import { differences, parseManifest } from "../../packages/contract/dumps";
import type { Contents, Manifest } from "../../packages/contract/dumps";
import type { DatabaseConfig } from "../../packages/kit/config/sections";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { createOptionalExtensions, optionalExtensions } from "../extensions";
import { prepareRoles } from "../roles";
import type { RolesToPrepare } from "../roles";
import { contentsOf, digestsIn } from "./contents";
import type { Digests } from "./contents";
import { createEmpty, drop } from "./databases";
import { databaseArgument, startTool } from "./postgres-tools";

/** A dump as a restore reads it: twice, the first time only to see that it is whole. */
export interface DumpSource {
  manifest(): Promise<string>;
  dump(): Promise<Readable>;
}

const { answerMs } = networkLimits.dumpDownload;
const download = new Agent({ headersTimeout: answerMs, bodyTimeout: answerMs });

/** A dump behind two addresses that hold for some hours. */
export function dumpAt(dumpUrl: string, manifestUrl: string): DumpSource {
  const get = async (what: string, url: string) => {
    const response = await fetch(url, { dispatcher: download });
    if (!response.ok || response.body === null) throw new Error(`the ${what} cannot be read: HTTP ${response.status}`);
    return Readable.fromWeb(response.body);
  };
  return {
    manifest: async () => Buffer.concat(await (await get("manifest", manifestUrl)).toArray()).toString(),
    dump: () => get("dump", dumpUrl),
  };
}

export interface Restore {
  readonly source: DumpSource;
  /** The role that owns the tables, at the live database. */
  readonly owner: DatabaseConfig;
  readonly application: RolesToPrepare["application"];
  /** Database that is made for it. One of that name is an earlier try's, and is replaced. */
  readonly into: string;
  /** Whether it goes again once it was compared. */
  readonly scratch: boolean;
}

/**
 * Restores a dump into a database of its own and compares it with the manifest. A dump that is not what its
 * manifest says is refused before any database is touched; a copy that differs does not stay.
 *
 * @returns what the copy holds
 */
export async function restoreDump(restore: Restore): Promise<Contents> {
  const { source, owner, into, scratch } = restore;
  if (into === owner.name) throw new Error(`${into} is the live database; restore into another one, then switch`);
  const manifest = parseManifest(await source.manifest());
  const list = await checkedList(source, manifest, owner);
  if (hasTimescale(list)) await requireSuperuser(owner);
  await createEmpty(owner, into);
  try {
    await load(restore, list);
    const contents = await inspect({ ...owner, name: into }, digestsIn(manifest.contents));
    const found = differences(manifest.contents, contents);
    if (found.length > 0) throw new Error(`the copy is not what was dumped:\n  ${found.join("\n  ")}`);
    if (scratch) await drop(owner, into);
    return contents;
  } catch (error) {
    await drop(owner, into);
    throw error;
  }
}

const inspect = (database: DatabaseConfig, digests: Digests): Promise<Contents> =>
  within(database, (client) => contentsOf(client, digests));

async function within<T>(database: DatabaseConfig, work: (client: DatabaseClient) => Promise<T>): Promise<T> {
  const client = new DatabaseClient(connectionOptions(database, "restore-database"));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Reads the dump once, to its end. @returns what `pg_restore` finds in it, a line an object */
async function checkedList(source: DumpSource, manifest: Manifest, owner: DatabaseConfig): Promise<string> {
  const list = startTool("pg_restore", ["--list"], owner);
  const found = list.output.toArray() as Promise<Buffer[]>;
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of await source.dump()) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    hash.update(piece);
    // It needs the beginning alone; the rest is read for the checksum.
    if (!list.input.destroyed && !list.input.write(piece)) await freed(list.input);
  }
  list.input.end();
  const sha256 = hash.digest("hex");
  if (bytes !== manifest.bytes || sha256 !== manifest.sha256) {
    throw new Error(
      `the dump is damaged: ${bytes} bytes with SHA-256 ${sha256}, and its manifest says ${manifest.bytes} bytes with ` +
        `${manifest.sha256}; use another one`,
    );
  }
  await list.ended;
  return Buffer.concat(await found).toString();
}

/** Waits until a stream takes more, or will take nothing any more. */
function freed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}

async function load({ source, owner, application, into }: Restore, list: string): Promise<void> {
  const database = { ...owner, name: into };
  await within(database, async (client) => {
    // A new server has no roles yet, and the dump grants them rights.
    await prepareRoles(client, { database: into, application });
    if (!hasTimescale(list)) return;
    await client.query("CREATE EXTENSION timescaledb");
    await client.query("SELECT timescaledb_pre_restore()");
  });
  const folder = mkdtempSync(join(tmpdir(), "restore-"));
  try {
    const listFile = join(folder, "list");
    writeFileSync(listFile, restorable(list));
    const tool = startTool(
      "pg_restore",
      [databaseArgument(into), "--no-owner", "--exit-on-error", `--use-list=${listFile}`],
      database,
    );
    const fed = pipeline(await source.dump(), tool.input).catch(() => undefined);
    tool.output.resume();
    await tool.ended;
    await fed;
    await within(database, async (client) => {
      if (hasTimescale(list)) await client.query("SELECT timescaledb_post_restore()");
      await createOptionalExtensions(client);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a dump's list has the catalogue of TimescaleDB, whose own functions have to surround its restore. */
const hasTimescale = (list: string) => list.includes(" EXTENSION - timescaledb ");

/** @throws Error where `timescaledb_pre_restore` would be refused, and the extension's own schemas with it */
async function requireSuperuser(owner: DatabaseConfig): Promise<void> {
  const isSuperuser = await within(owner, async (client) => {
    const { rows } = await client.query<{ superuser: boolean }>(
      "SELECT current_setting('is_superuser') = 'on' AS superuser",
    );
    return rows[0]?.superuser === true;
  });
  if (isSuperuser) return;
  throw new Error(
    `the dump is of TimescaleDB, whose catalogue only a superuser restores, and ${owner.username} is none: restore it as ` +
      "one, or bring the server back from its own backups",
  );
}

/**
 * Extensions that are not the dump's to create, since the owner may not, one database of a server alone can have them, or
 * they are there already.
 */
const NOT_RESTORED = ["pg_cron", "timescaledb", ...optionalExtensions].join("|");
const SKIPPED = new RegExp(
  ` (EXTENSION - (${NOT_RESTORED})|COMMENT - EXTENSION (${NOT_RESTORED})|SCHEMA - cron|TABLE DATA cron)( |$)`,
);

/** What of a dump the owner of a database can restore. */
function restorable(list: string): string {
  return list
    .split("\n")
    .filter((line) => !SKIPPED.test(line))
    .join("\n");
}
