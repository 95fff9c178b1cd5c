import type { ClientBase } from "pg";

/** Nothing but one index with a name, below comments. */
const ALONE =
  /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)\s+ON\s[^;]*);?\s*$/i;

/**
 * How long a build waits for one transaction that began before it, such as a dump's. Nobody waits behind the build
 * meanwhile: it keeps out no reader and no writer.
 */
export const BUILD_TIMEOUT_MS = 30_000;

/** An index of a table in use, which is built while others write. */
export interface ConcurrentIndex {
  readonly name: string;
  readonly sql: string;
}

/** @returns undefined for a migration that is anything else, or more */
export function concurrentIndexIn(sql: string): ConcurrentIndex | undefined {
  const [, statement, name] = ALONE.exec(sql) ?? [];
  return statement === undefined || name === undefined ? undefined : { name, sql: statement };
}

/** Builds it outside of a transaction. What an attempt that failed left is removed first; what one finished stays. */
export async function buildConcurrently(client: ClientBase, { name, sql }: ConcurrentIndex): Promise<void> {
  const { rows } = await client.query<{ valid: boolean }>(
    "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1)",
    [name],
  );
  if (rows[0]?.valid === true) return;
  if (rows.length > 0) await client.query(`DROP INDEX CONCURRENTLY ${name}`);
  await client.query(sql);
}
