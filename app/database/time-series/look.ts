import type { ClientBase } from "pg";
import { ticksTable } from "../../packages/contract/database";
import type { SeriesLook } from "../../packages/contract/time-series";
import { sqlState } from "../../packages/kit/database/database";
import { migrationsOf } from "../backup/contents";

/** Days of which rows are counted: what a base backup has, and what came since by the log. */
const COUNTED_DAYS = 7;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Days back for which the newest tick is looked for, one after the other: no index is by time alone. */
const LOOKED_FOR_DAYS = [1, 14, 400];

/** A tick of a later time is an absurd one. */
const AHEAD_DAYS = 1;

/**
 * What a server of the time series holds, without reading all of it. Every chunk is opened, and rows of the last week are
 * counted: those do not get fewer while services write, so that two looks can be compared.
 *
 * @param until time up to which rows are counted
 */
export async function lookAtSeries(client: ClientBase, until: Date): Promise<SeriesLook> {
  await client.query("SELECT set_config('app.user_id', 'system', false)");
  const counted = { from: before(until, COUNTED_DAYS).toISOString(), until: until.toISOString() };
  const { timescaledb, problems } = await timescaledbOf(client);
  /** A chunk that is gone fails every statement that would read it. */
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (sqlState(error) === undefined) throw error;
      problems.push(`${what} cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  };
  const migrations = await migrationsOf(client);
  const newest = await attempt("the newest tick", () => newestTick(client, until));
  const candle = await attempt("the newest candle", () => newestCandle(client));
  const ticks = await attempt("ticks of the last week", () => ticksBetween(client, counted));
  const candles = await attempt("candles of the last week", () => candlesBetween(client, counted));
  return {
    migrations,
    ...(timescaledb === undefined ? {} : { timescaledb }),
    problems,
    ...optional("newestTick", newest),
    ...optional("newestCandle", candle),
    counted,
    ticks: ticks ?? 0,
    candles: candles ?? {},
  };
}

const before = (time: Date, days: number) => new Date(time.getTime() - days * DAY_MS);

const optional = <K extends string>(key: K, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, string>>;

interface Chunk {
  readonly chunk: string;
  readonly begins: string;
}

async function timescaledbOf(
  client: ClientBase,
): Promise<{ readonly timescaledb?: SeriesLook["timescaledb"]; readonly problems: string[] }> {
  const { rows: extensions } = await client.query<{ version: string }>(
    "SELECT extversion AS version FROM pg_extension WHERE extname = 'timescaledb'",
  );
  const [extension] = extensions;
  if (extension === undefined) return { problems: [] };
  const chunks = await chunksOf(client);
  const oldest = optional("oldestChunk", chunks[0]?.begins);
  return {
    timescaledb: { version: extension.version, chunks: chunks.length, ...oldest },
    problems: await problemsOf(client, chunks),
  };
}

async function chunksOf(client: ClientBase): Promise<readonly Chunk[]> {
  const { rows } = await client.query<Chunk>(
    `SELECT format('%I.%I', chunk_schema, chunk_name) AS chunk, ${instant("range_start")} AS begins
     FROM timescaledb_information.chunks WHERE hypertable_name = $1 ORDER BY range_start`,
    [ticksTable],
  );
  return rows;
}

/** Where TimescaleDB's catalogue and PostgreSQL's do not agree, and chunks of which no row can be read. */
async function problemsOf(client: ClientBase, chunks: readonly Chunk[]): Promise<string[]> {
  const { rows: strays } = await client.query<{ child: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS child
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE i.inhparent = to_regclass($1) AND NOT EXISTS (
       SELECT FROM timescaledb_information.chunks k
       WHERE k.hypertable_name = $1 AND k.chunk_schema = n.nspname AND k.chunk_name = c.relname)`,
    [ticksTable],
  );
  const problems = strays.map(({ child }) => `${child} is in no catalogue of TimescaleDB's`);
  for (const { chunk } of chunks) problems.push(...(await readOne(client, chunk)));
  return [...problems, ...(await tablesMissing(client))];
}

/** The view joins chunks with their tables; the function does not, and fails at one that has none. */
async function tablesMissing(client: ClientBase): Promise<readonly string[]> {
  try {
    await client.query("SELECT count(*) FROM show_chunks($1)", [ticksTable]);
    return [];
  } catch (error) {
    if (sqlState(error) === undefined) throw error;
    return [`TimescaleDB's catalogue has a chunk without a table: ${(error as Error).message}`];
  }
}

async function readOne(client: ClientBase, chunk: string): Promise<readonly string[]> {
  try {
    await client.query(`SELECT * FROM ${chunk} LIMIT 1`);
    return [];
  } catch (error) {
    if (sqlState(error) === undefined) throw error;
    // Retention may have dropped it since.
    const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [chunk]);
    return rows[0]?.there === true ? [`${chunk} cannot be read: ${(error as Error).message}`] : [];
  }
}

async function newestTick(client: ClientBase, now: Date): Promise<string | undefined> {
  for (const days of LOOKED_FOR_DAYS) {
    const { rows } = await client.query<{ newest: string | null }>(
      `SELECT ${instant('max("timestamp")')} AS newest FROM ${ticksTable}
       WHERE "timestamp" >= $1 AND "timestamp" < $2`,
      [before(now, days), before(now, -AHEAD_DAYS)],
    );
    const newest = rows[0]?.newest;
    if (typeof newest === "string") return newest;
  }
  return undefined;
}

/** By the key, symbol by symbol. */
async function newestCandle(client: ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ newest: string | null }>(
    `SELECT ${instant("max(c.open_time)")} AS newest
     FROM symbols s CROSS JOIN LATERAL (
       SELECT open_time FROM candles WHERE symbol = s.symbol AND interval = '1m' ORDER BY open_time DESC LIMIT 1) c`,
  );
  return rows[0]?.newest ?? undefined;
}

async function ticksBetween(client: ClientBase, { from, until }: SeriesLook["counted"]): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM ${ticksTable} WHERE "timestamp" >= $1 AND "timestamp" < $2`,
    [from, until],
  );
  return Number(rows[0]?.count);
}

async function candlesBetween(
  client: ClientBase,
  { from, until }: SeriesLook["counted"],
): Promise<Record<string, number>> {
  const { rows } = await client.query<{ interval: string; count: string }>(
    `SELECT i.interval, coalesce(sum(n.count), 0)::text AS count
     FROM unnest(ARRAY['1m', '1d']) AS i(interval) CROSS JOIN symbols s CROSS JOIN LATERAL (
       SELECT count(*) FROM candles c
       WHERE c.symbol = s.symbol AND c.interval = i.interval AND c.open_time >= $1 AND c.open_time < $2) n
     GROUP BY i.interval ORDER BY i.interval`,
    [from, until],
  );
  return Object.fromEntries(rows.map(({ interval, count }) => [interval, Number(count)]));
}

const instant = (time: string) => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
