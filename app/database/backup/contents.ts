import type { ClientBase } from "pg";
import type { Contents } from "../../packages/contract/dumps";

/** Columns that say when a row was written. */
const WRITTEN = ["created_at", "updated_at"];

/** Tables whose column `timestamp` is the exchange's. */
const TICKS = ["market_ticks", "quotes"];

/** Without this setting row-level security hides every row, from the owner too. */
export const AS_SYSTEM = "-c app.user_id=system";

/** Texts of rows are hashed: every session has to write them alike. */
const ALIKE = [
  "SET timezone = 'UTC'",
  "SET datestyle = 'ISO'",
  "SET extra_float_digits = 1",
  "SET bytea_output = 'hex'",
];

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Which rows are hashed beside being counted: none, or all but those of before a time, by table. */
export type Digests = "none" | { readonly from: Readonly<Record<string, string>> };

const DAY_MS = 24 * 60 * 60 * 1_000;
const HASHED_DAYS = 7;

/**
 * What a dump hashes: everything but ticks of more than a week. Those never change, an earlier dump has hashed them, and
 * hashing them all would take as long as dumping them (ADR 181).
 */
export const digestsOfDump = (at: Date): Digests => ({
  from: { market_ticks: new Date(Math.floor(at.getTime() / DAY_MS - HASHED_DAYS) * DAY_MS).toISOString() },
});

/** What was hashed when these contents were read. */
export const digestsIn = ({ tables }: Contents): Digests => ({
  from: Object.fromEntries(
    Object.entries(tables).flatMap(([name, { digestFrom }]) => (digestFrom === undefined ? [] : [[name, digestFrom]])),
  ),
});

/** Reads a whole database in the transaction that the client is in. A table's partitions are read as one. */
export async function contentsOf(client: ClientBase, digests: Digests): Promise<Contents> {
  for (const setting of ALIKE) await client.query(setting);
  await client.query("SELECT set_config('app.user_id', 'system', false)");
  const tables: Record<string, Contents["tables"][string]> = {};
  const ticks: (string | null)[] = [];
  const writes: (string | null)[] = [];
  for (const { name, columns } of await tablesOf(client)) {
    const newest = [...WRITTEN, ...(TICKS.includes(name) ? ["timestamp"] : [])].filter((one) => columns.includes(one));
    const digestFrom = digests === "none" ? undefined : digests.from[name];
    const hashed = digestFrom === undefined ? "" : `FILTER (WHERE "timestamp" >= ${client.escapeLiteral(digestFrom)})`;
    const digest = `coalesce(sum(hashtextextended(t::text, 0)::numeric) ${hashed}, 0)::text`;
    const { rows } = await client.query<{ rows: string; digest: string | null } & Record<string, string | null>>(
      `SELECT count(*)::text AS rows, ${digests === "none" ? "NULL" : digest} AS digest
              ${newest.map((one) => `, ${instant(client.escapeIdentifier(one))} AS ${client.escapeIdentifier(one)}`).join("")}
       FROM public.${client.escapeIdentifier(name)} t`,
    );
    const [found] = rows;
    if (found === undefined) continue;
    tables[name] = {
      rows: Number(found.rows),
      ...(found.digest === null ? {} : { digest: found.digest }),
      ...(digestFrom === undefined ? {} : { digestFrom }),
    };
    for (const one of newest) (one === "timestamp" ? ticks : writes).push(found[one] ?? null);
  }
  return {
    migrations: await migrationsOf(client),
    tables,
    newestTick: latest(ticks),
    newestWrite: latest(writes),
  };
}

async function tablesOf(client: ClientBase): Promise<readonly Table[]> {
  const { rows } = await client.query<Table & { columns: string[] }>(
    `SELECT c.relname AS name,
            array(SELECT a.attname::text FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
     FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relname`,
  );
  return rows;
}

/** Migrations that made the tables, in order; none where there is no such table. */
export async function migrationsOf(client: ClientBase): Promise<string[]> {
  const { rows: known } = await client.query<{ known: boolean }>(
    "SELECT to_regclass('public.schema_migrations') IS NOT NULL AS known",
  );
  if (known[0]?.known !== true) return [];
  const { rows } = await client.query<{ name: string }>("SELECT name FROM public.schema_migrations ORDER BY id");
  return rows.map(({ name }) => name);
}

const instant = (column: string) => `to_char(max(${column}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const latest = (times: readonly (string | null)[]) =>
  times
    .filter((time) => time !== null)
    .sort()
    .at(-1);
