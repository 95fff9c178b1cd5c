import type { ClientBase } from "pg";
import { ticksTable } from "../../packages/contract/database";
import type { Backend } from "./backend";
import { dropStrays, ticksBeyond } from "./strays";
import {
  byDay,
  createTicks,
  createTicksIndexes,
  daysAhead,
  defaultPartition,
  dropTicks,
  ticksRetention,
} from "./table";
import { inTransaction } from "./transaction";

const dayMs = 86_400_000;

/**
 * Declarative partitions of PostgreSQL alone: one a UTC day, made ahead and dropped after a year by `maintain`. Ticks of any
 * other day go to the default partition, and from there to their own when it is made; those of days further ahead stay there
 * until then.
 */
export const partitions: Backend = {
  name: "partitions",

  refusal: () => undefined,

  async create(tx) {
    await tx.query(createTicks(byDay));
    for (const index of createTicksIndexes) await tx.query(index);
    await tx.query(`CREATE TABLE ${defaultPartition} PARTITION OF ${ticksTable} DEFAULT`);
    return `declarative partitions of a day, made and dropped after ${ticksRetention} by maintain-database`;
  },

  async maintain(client, now) {
    const existing = new Set(await partitionNames(client));
    const report: string[] = [];
    // What comes next goes first: nothing that lies about may keep tomorrow from having its partition.
    const missing = [...daysAround(now), ...(await daysOfStrays(client, now))].filter(
      (day) => !existing.has(nameOf(day)),
    );
    for (const day of new Set(missing)) {
      await addPartition(client, day);
      report.push(`created ${nameOf(day)}`);
    }
    const oldest = nameOf(await oldestKept(client, now));
    for (const name of [...existing].filter((partition) => partition < oldest).sort()) {
      await inTransaction(client, () => client.query(`DROP TABLE ${name}`));
      report.push(`dropped ${name}`);
    }
    return [...report, ...(await dropStrays(client, now)), ...(await ticksBeyond(client, now))];
  },

  async cover(client, day) {
    if (!(await partitionNames(client)).includes(nameOf(day))) await addPartition(client, day);
  },

  // Names have no schema, and nothing but `maintain` works on them.
  follow: () => Promise.resolve(),
  release: () => Promise.resolve(),

  async discard(client, schema) {
    await client.query(dropTicks(schema));
  },
};

const nameOf = (day: string) => `${ticksTable}_p${day.replaceAll("-", "")}`;
const dateOf = (instant: number) => new Date(instant).toISOString().slice(0, 10);

async function partitionNames(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = '${ticksTable}'::regclass AND c.relname ~ '^${ticksTable}_p\\d{8}$'`,
  );
  return rows.map(({ name }) => name);
}

/** Yesterday to a week ahead. */
const daysAround = (now: Date) =>
  Array.from({ length: daysAhead + 2 }, (_, index) => dateOf(now.getTime() + (index - 1) * dayMs));

/** Kept days up to now whose ticks wait in the default partition. */
async function daysOfStrays(client: ClientBase, now: Date): Promise<string[]> {
  const { rows } = await client.query<{ day: string }>(
    `SELECT DISTINCT to_char("timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day FROM ${defaultPartition}
     WHERE "timestamp" >= $1::timestamptz - INTERVAL '${ticksRetention}' AND "timestamp" <= $1 ORDER BY day`,
    [now],
  );
  return rows.map(({ day }) => day);
}

async function oldestKept(client: ClientBase, now: Date): Promise<string> {
  const { rows } = await client.query<{ day: string }>(
    `SELECT to_char(($1::timestamptz - INTERVAL '${ticksRetention}') AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day`,
    [now],
  );
  return rows[0]?.day ?? "";
}

/** Makes the partition of a day, with the ticks of that day that the default partition holds. */
async function addPartition(client: ClientBase, day: string): Promise<void> {
  const next = dateOf(Date.parse(`${day}T00:00:00Z`) + dayMs);
  const [from, to] = [`'${day} 00:00:00+00'`, `'${next} 00:00:00+00'`];
  const name = nameOf(day);
  await inTransaction(client, async () => {
    await client.query(`CREATE TABLE ${name} (LIKE ${ticksTable} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
    await client.query(`LOCK TABLE ${defaultPartition} IN ACCESS EXCLUSIVE MODE`);
    await client.query(
      `WITH moved AS (DELETE FROM ${defaultPartition} WHERE "timestamp" >= ${from} AND "timestamp" < ${to} RETURNING *)
       INSERT INTO ${name} SELECT * FROM moved`,
    );
    await client.query(`ALTER TABLE ${ticksTable} ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to})`);
  });
}
