import type { ClientBase } from "pg";

/** Times that no exchange stamps a trade with. */
export const absurdTimes = [
  "9999-12-31T23:59:59Z",
  "9999-12-31T09:00:00Z",
  "2038-01-19T03:14:08Z",
  "1970-01-01T00:00:00Z",
  "0001-01-01T00:00:00Z",
] as const;

/** Inserts one tick per instant, with sequences from 1 on. */
export async function insertTicks(client: ClientBase, instants: readonly string[]): Promise<void> {
  await client.query(
    `INSERT INTO market_ticks (symbol, market, "timestamp", sequence, symbol_sequence, price, quantity)
     SELECT 'GARAN', 'IMKBH', at, n, n, 100 + n, 10 FROM unnest($1::timestamptz[]) WITH ORDINALITY AS t (at, n)`,
    [instants],
  );
}

/** Table and row count of each part of market_ticks that holds rows. */
export async function filledParts(client: ClientBase): Promise<Record<string, number>> {
  const { rows } = await client.query<{ part: string; ticks: string }>(
    "SELECT tableoid::regclass::text AS part, count(*) AS ticks FROM market_ticks GROUP BY 1 ORDER BY 1",
  );
  return Object.fromEntries(rows.map(({ part, ticks }) => [part.replace(/^.*\./, ""), Number(ticks)]));
}

/** Partitions by name, the default one left out. */
export async function partitionsOf(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'market_ticks'::regclass ORDER BY 1`,
  );
  return rows.map(({ name }) => name.replace(/^.*\./, "")).filter((name) => !name.endsWith("_default"));
}

/** A symbol's history, as the service reads it: the same statement whoever keeps the ticks. */
export async function history(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ price: string }>(
    `SELECT price FROM market_ticks WHERE symbol = 'GARAN' ORDER BY "timestamp" DESC`,
  );
  return rows.map(({ price }) => price);
}
