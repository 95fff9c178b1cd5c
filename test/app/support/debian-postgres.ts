import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../app/packages/embedded/free-port";
import type { EmbeddedServer } from "../../../app/packages/embedded/postgres";

/** Where PostgreSQL 15 and its extensions are: as the `pg_config` says that PG_CONFIG_15 names, or where Debian puts them. */
const pgConfig = process.env["PG_CONFIG_15"];
const folder = (option: string, debian: string) =>
  pgConfig === undefined ? debian : execFileSync(pgConfig, [option]).toString().trim();
const binaries = folder("--bindir", "/usr/lib/postgresql/15/bin");
const extensions = join(folder("--sharedir", "/usr/share/postgresql/15"), "extension");

export const hasDebianPostgres = existsSync(join(binaries, "initdb"));
const hasExtension = (name: string) => existsSync(join(extensions, `${name}.control`));

/** Why a suite cannot have this server with these extensions; undefined where it can. */
export function debianPostgresMissing(...names: readonly string[]): string | undefined {
  if (hasDebianPostgres && names.every(hasExtension)) return undefined;
  const wanted = names.length === 0 ? "" : ` with ${names.join(", ")}`;
  return `no PostgreSQL 15${wanted} on this machine`;
}

/** Settings of a server that has TimescaleDB. */
export const withTimescaledb = { shared_preload_libraries: "timescaledb", "timescaledb.telemetry_level": "off" };

/** Debian's PostgreSQL 15: with JIT, as production's, and with the extensions whose packages are installed. */
export interface DebianPostgres extends EmbeddedServer {
  /** Folder of `pg_dump` and its like, of the same version. */
  readonly binaries: string;
}

/**
 * Starts a server of its own in a temporary folder, as the user `postgres` where this process is root.
 *
 * @param settings by name, for example `{ shared_preload_libraries: "pg_cron" }`
 */
export async function startDebianPostgres(settings: Readonly<Record<string, string>> = {}): Promise<DebianPostgres> {
  const directory = mkdtempSync(join(tmpdir(), "bist-postgres-15-"));
  const uid = userInfo().uid === 0 ? Number(execFileSync("id", ["-u", "postgres"]).toString()) : undefined;
  const run = (program: string, args: readonly string[]) =>
    execFileSync(join(binaries, program), args, { uid, stdio: "ignore", cwd: directory });
  const data = join(directory, "data");
  const port = await freePort();
  const password = randomBytes(18).toString("base64url");
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, password);
  if (uid !== undefined) for (const path of [directory, passwordFile]) chownSync(path, uid, 0);
  const authentication = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  run("initdb", [`--pgdata=${data}`, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", ...authentication]);
  const options = Object.entries({
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: directory,
    fsync: "off",
    ...settings,
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log = join(directory, "log");
  try {
    run("pg_ctl", ["start", "--wait", `--pgdata=${data}`, `--log=${log}`, "-o", options.join(" ")]);
  } catch (error) {
    const words = existsSync(log) ? readFileSync(log, "utf8") : "";
    throw new Error(`PostgreSQL did not start in ${directory}:\n${words}`, { cause: error });
  }
  const pid = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n", 1)[0]);
  const stop = () => {
    // Done already.
    if (!existsSync(directory)) return Promise.resolve();
    run("pg_ctl", ["stop", "--mode=immediate", `--pgdata=${data}`]);
    rmSync(directory, { recursive: true, force: true });
    return Promise.resolve();
  };
  return { host: "127.0.0.1", port, username: "postgres", password, pid, binaries, stop };
}
