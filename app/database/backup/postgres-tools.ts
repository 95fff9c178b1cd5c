import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { DatabaseConfig } from "../../packages/kit/config/sections";
import { WITHOUT_JIT } from "../../packages/kit/database/database";
import { AS_SYSTEM } from "./contents";

/** A program of PostgreSQL's client package, at work. */
export interface Tool {
  readonly input: Writable;
  readonly output: Readable;
  /** Rejects with the program's own last words when it fails. */
  readonly ended: Promise<void>;
}

const LAST_WORDS = 2_000;

/**
 * Starts `pg_dump` or `pg_restore` on a database; its password is in no argument, which others could see.
 *
 * @param signal ends it
 */
export function startTool(
  program: "pg_dump" | "pg_restore",
  args: readonly string[],
  database: DatabaseConfig,
  signal?: AbortSignal,
): Tool {
  const authorities = keepAuthorities(database);
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(program, args, {
    env: {
      ...process.env,
      ...connection(database),
      ...authorities?.variables,
      PGOPTIONS: `${AS_SYSTEM} ${WITHOUT_JIT}`,
    },
    stdio: ["pipe", "pipe", "pipe"],
    signal,
  });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-LAST_WORDS)));
  // A program that ends before all of its input is read has said why, or has read what it needs.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", (error) => {
      reject(
        new Error(
          `${program} cannot be run (${error.message}); it is in PostgreSQL's client package, no older than the server`,
        ),
      );
    });
    child.once("close", (code, signal) => {
      authorities?.forget();
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${signal ?? code}: ${words.trim()}`));
    });
  });
  // A later await still rejects.
  ended.catch(() => undefined);
  return { input: child.stdin, output: child.stdout, ended };
}

/**
 * The argument that has a program work on a database. A host that vanished is noticed within a minute or so, whether or not
 * something was on its way to it; libpq has no variables for that.
 */
export const databaseArgument = (name: string) =>
  `--dbname=dbname='${name.replace(/['\\]/g, "\\$&")}' keepalives_idle=10 keepalives_interval=5 keepalives_count=4 tcp_user_timeout=60000`;

function connection({ host, port, name, username, password, sslMode }: DatabaseConfig) {
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: name,
    PGUSER: username,
    PGPASSWORD: password,
    PGSSLMODE: sslMode,
    PGCONNECT_TIMEOUT: "30",
  };
}

/** libpq takes authorities from a file alone. */
function keepAuthorities({ sslMode, sslAuthorities }: DatabaseConfig) {
  if (sslMode !== "verify-full" || sslAuthorities === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "authorities-"));
  const file = join(folder, "ca.pem");
  writeFileSync(file, sslAuthorities);
  return {
    variables: { PGSSLROOTCERT: file },
    forget: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
