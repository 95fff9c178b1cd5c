import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { freePort } from "../../../../app/packages/embedded/free-port";

/** Where Debian's packages put PostgreSQL 15 and its extensions. */
const binaries = "/usr/lib/postgresql/15/bin";
const extensions = "/usr/share/postgresql/15/extension";

export const hasPostgres15 = existsSync(join(binaries, "initdb"));
export const hasExtension = (name: string) => existsSync(join(extensions, `${name}.control`));

export interface Postgres15 {
  readonly port: number;
  /** Where `pg_dump` of the same version is. */
  readonly binaries: string;
  /** A connection to a new database with the bare minimum that the bootstrap needs. */
  connect(): Promise<Client>;
  stop(): void;
}

/** Starts a PostgreSQL 15 of its own in a temporary folder, as the user `postgres` where this process is root. */
export async function startPostgres15(settings: readonly string[] = []): Promise<Postgres15> {
  const directory = mkdtempSync(join(tmpdir(), "bist-postgres-15-"));
  const asRoot = userInfo().uid === 0;
  const uid = asRoot ? Number(execFileSync("id", ["-u", "postgres"]).toString()) : undefined;
  if (uid !== undefined) chownSync(directory, uid, 0);
  const run = (program: string, args: readonly string[]) =>
    execFileSync(join(binaries, program), args, { uid, stdio: "ignore", cwd: directory });
  const data = join(directory, "data");
  const port = await freePort();
  run("initdb", ["-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]);
  const options = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "fsync=off",
    `unix_socket_directories=${directory}`,
    ...settings,
  ];
  run("pg_ctl", [
    "start",
    "-w",
    "-D",
    data,
    "-l",
    join(directory, "log"),
    "-o",
    options.map((option) => `-c ${option}`).join(" "),
  ]);
  return {
    port,
    binaries,
    connect: async () => {
      const client = new Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" });
      await client.connect();
      return client;
    },
    stop: () => {
      run("pg_ctl", ["stop", "-m", "immediate", "-D", data]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
