import type { ClientBase } from "pg";
import { extensionsSchema } from "../packages/contract/database";
import { sqlState } from "../packages/kit/database/database";
import { applicationRole } from "./roles";

/**
 * Extensions that the setup guide asks for and no table needs. The owner of a database may create `pgcrypto`, which is
 * trusted; `pg_stat_statements` takes a superuser, or RDS's master user.
 */
export const optionalExtensions = ["pg_stat_statements", "pgcrypto"] as const;

/**
 * Creates the optional extensions that the server offers and the owner may create. Repeatable.
 *
 * @returns a line for each that is not there afterwards, with the server's reason
 */
export async function createOptionalExtensions(client: ClientBase): Promise<readonly string[]> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${extensionsSchema}`);
  await client.query(`GRANT USAGE ON SCHEMA ${extensionsSchema} TO ${applicationRole}`);
  const missing: string[] = [];
  for (const name of optionalExtensions) {
    try {
      await client.query(`CREATE EXTENSION IF NOT EXISTS ${name} SCHEMA ${extensionsSchema}`);
    } catch (error) {
      // Anything but an answer of the server's is no reason to go on.
      if (sqlState(error) === undefined) throw error;
      missing.push(`${name} is not there: ${(error as Error).message}`);
    }
  }
  return missing;
}
