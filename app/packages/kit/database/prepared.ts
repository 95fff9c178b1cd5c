import { hash } from "node:crypto";
import type { PoolClient } from "pg";
import { ticksTable } from "../../contract/database";

const names = new Map<string, string | undefined>();

/**
 * Has a connection parse each statement that takes values once, under a name. With row-level security, planning a
 * statement takes several times as long as running it. Values never become part of a statement's text, so that there are as
 * many names as statements in the code.
 *
 * Statements on ticks have none: of one that has, PostgreSQL makes a plan for any values at its sixth run, to learn what it would
 * cost, and that is a plan for every partition. On a year of TimescaleDB's chunks it takes longer than a statement may.
 */
export function prepareStatements(client: PoolClient): void {
  const query = client.query.bind(client) as (...given: readonly unknown[]) => unknown;
  const prepared = (text: unknown, values?: unknown, ...rest: readonly unknown[]) =>
    typeof text === "string" && Array.isArray(values)
      ? query({ name: nameOf(text), text, values }, ...rest)
      : query(text, values, ...rest);
  client.query = prepared as PoolClient["query"];
}

/** What it does and which one it is, `SELECT 5d41402a`: traces call spans by it. */
function nameOf(text: string): string | undefined {
  if (!names.has(text)) names.set(text, text.includes(ticksTable) ? undefined : newNameOf(text));
  return names.get(text);
}

const newNameOf = (text: string) => `${/\w+/.exec(text)?.[0] ?? ""} ${hash("sha256", text).slice(0, 8)}`;
