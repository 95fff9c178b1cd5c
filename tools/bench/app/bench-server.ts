import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Client } from "pg";
import { asOwner, databaseCommandSections } from "../../../app/database/config";
import { freePort } from "../../../app/packages/embedded/free-port";
import { readConfig } from "../../../app/packages/kit/config/read";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import type { Children } from "../../../local/app/children";
import type { Secrets } from "../../../local/app/secrets";
import { databaseOwner, embeddedDatabaseVariables, givenDatabaseVariables } from "../../../local/app/settings";
import type { Variables } from "../../../local/app/settings";

/** DB_* of the services' database, and of one with the same tables that no service uses. */
type Databases = readonly [Variables, Variables];

/**
 * The PostgreSQL of a bench: an embedded one, or the one that DATABASE_URL names with an owner who may make databases. Such a server is
 * to have nothing else: the services' user and its password become the bench's.
 */
export class BenchServer {
  private made: { readonly administrator: Variables; readonly names: readonly string[] } | undefined;

  constructor(
    private readonly children: Children,
    private readonly environment: Variables,
  ) {}

  /** @throws Error when the server that is given holds something */
  async start(folder: string, secrets: Secrets): Promise<Databases> {
    const { DATABASE_URL: url } = process.env;
    if (url === undefined || url === "") return this.startEmbedded(folder, secrets);
    const administrator = givenDatabaseVariables({ DATABASE_URL: url }, secrets.databaseServicesPassword) ?? {};
    const suffix = randomBytes(4).toString("hex");
    const names = [`bench_${suffix}`, `bench_bare_${suffix}`] as const;
    await asAdministrator(administrator, async (client) => {
      const held =
        "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', current_database())";
      const { rows } = await client.query<{ datname: string }>(held);
      const others = rows.map(({ datname }) => datname);
      if (others.length > 0)
        throw new Error(`the server of DATABASE_URL holds ${others.join(", ")}; give the bench a server of its own`);
      this.made = { administrator, names };
      for (const name of names) await client.query(`CREATE DATABASE ${name}`);
    });
    return [
      { ...administrator, DB_NAME: names[0] },
      { ...administrator, DB_NAME: names[1] },
    ];
  }

  private async startEmbedded(folder: string, secrets: Secrets): Promise<Databases> {
    const port = String(await freePort());
    const log = join(this.children.logFolder, "postgresql.log");
    // As production has it: a checkpoint in the middle of one side of a comparison would decide it.
    const settings = ["max_wal_size=4GB"];
    const program = ["tools/run.mjs", "local/app/postgres-process.ts", join(folder, "postgres"), port];
    await this.children.startAndHear(
      "postgres",
      [...program, "bench", databaseOwner, log, ...settings],
      { ...this.environment, POSTGRES_PASSWORD: secrets.databaseOwnerPassword },
      /^PostgreSQL listens on/,
    );
    const database = embeddedDatabaseVariables(secrets, port, "bench");
    await asAdministrator(database, (client) => client.query("CREATE DATABASE bench_bare"));
    return [database, embeddedDatabaseVariables(secrets, port, "bench_bare")];
  }

  /** Leaves a server that was given as it was, but for roles. */
  async dropDatabases(): Promise<void> {
    if (this.made === undefined) return;
    const { administrator, names } = this.made;
    await asAdministrator(administrator, async (client) => {
      for (const name of names) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    });
  }
}

async function asAdministrator(variables: Variables, work: (client: Client) => Promise<unknown>): Promise<void> {
  const { database, owner } = readConfig(databaseCommandSections, variables);
  const client = new Client(connectionOptions(asOwner(database, owner), "bench"));
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
