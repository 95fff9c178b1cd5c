import { hash } from "node:crypto";
import type { PoolClient } from "pg";

const names = new Map<string, string>();

/**
 * Has a connection parse each statement that takes values once, under a name. With row-level security, planning a
 * statement takes several times as long as running it. Values never become part of a statement's text, so that there are as
 * many names as statements in the code.
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
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `${/\w+/.exec(text)?.[0] ?? ""} ${hash("sha256", text).slice(0, 8)}`;
    names.set(text, name);
  }
  return name;
}
