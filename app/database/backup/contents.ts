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

/**
 * Reads a whole database in the transaction that the client is in. A table's partitions are read as one.
 *
 * @param options.digests whether every row is hashed, not only counted
 */
export async function contentsOf(client: ClientBase, { digests }: { readonly digests: boolean }): Promise<Contents> {
  for (const setting of ALIKE) await client.query(setting);
  await client.query("SELECT set_config('app.user_id', 'system', false)");
  const tables: Record<string, Contents["tables"][string]> = {};
  const ticks: (string | null)[] = [];
  const writes: (string | null)[] = [];
  for (const { name, columns } of await tablesOf(client)) {
    const newest = [...WRITTEN, ...(TICKS.includes(name) ? ["timestamp"] : [])].filter((one) => columns.includes(one));
    const { rows } = await client.query<{ rows: string; digest: string | null } & Record<string, string | null>>(
      `SELECT count(*)::text AS rows,
              ${digests ? "coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text" : "NULL"} AS digest
              ${newest.map((one) => `, ${instant(client.escapeIdentifier(one))} AS ${client.escapeIdentifier(one)}`).join("")}
       FROM public.${client.escapeIdentifier(name)} t`,
    );
    const [found] = rows;
    if (found === undefined) continue;
    tables[name] = { rows: Number(found.rows), ...(found.digest === null ? {} : { digest: found.digest }) };
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

async function migrationsOf(client: ClientBase): Promise<string[]> {
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
