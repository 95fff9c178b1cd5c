import { Client } from "pg";
import { asOwner, databaseCommandSections } from "../../../app/database/config";
import { readConfig } from "../../../app/packages/kit/config/read";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import type { Variables } from "../../../local/app/settings";

/** One connection to each database, as who owns its tables: connecting for each look would cost what is measured. */
export class Databases {
  private readonly clients = new Map<string, Promise<Client>>();

  /** One statement. @param variables DB_*, with the tables' owner */
  async query<R extends object>(variables: Variables, sql: string): Promise<R[]> {
    const name = variables["DB_NAME"] ?? "";
    let client = this.clients.get(name);
    if (client === undefined) this.clients.set(name, (client = connect(variables)));
    return (await (await client).query<R>(sql)).rows;
  }

  async close(): Promise<void> {
    for (const client of this.clients.values()) await (await client).end();
    this.clients.clear();
  }
}

async function connect(variables: Variables): Promise<Client> {
  const { database, owner } = readConfig(databaseCommandSections, variables);
  const client = new Client(connectionOptions(asOwner(database, owner), "bench"));
  await client.connect();
  return client;
}
