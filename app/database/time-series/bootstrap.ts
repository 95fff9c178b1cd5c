import type { ClientBase } from "pg";
import type { Keeper } from "./keeper";
import { partitions } from "./partitions";
import { partman } from "./partman";
import { inspectServer } from "./server";
import type { ServerOffer } from "./server";
import { ticksTable } from "./table";
import { timescaledb } from "./timescaledb";

/** Best first. The last one works everywhere. */
const keepers: readonly Keeper[] = [timescaledb, partman, partitions];

/** Bootstraps and maintenance that start at once take turns on this advisory lock. */
const lockKey = "bist time series";

export interface Choice {
  readonly keeper: Keeper["name"];
  readonly detail: string;
  /** Why each better way was passed over. */
  readonly passedOver: readonly string[];
  /** False when an earlier bootstrap had chosen. */
  readonly isNew: boolean;
}

/** Which ways a server allows, best first, and why it refuses the others. */
export function chooseKeepers(server: ServerOffer): { readonly able: readonly Keeper[]; readonly refusals: string[] } {
  const judged = keepers.map((keeper) => ({ keeper, refusal: keeper.refusal(server) }));
  return {
    able: judged.filter(({ refusal }) => refusal === undefined).map(({ keeper }) => keeper),
    refusals: judged.flatMap(({ keeper, refusal }) => (refusal === undefined ? [] : [`${keeper.name}: ${refusal}`])),
  };
}

/**
 * Creates the table of ticks in the best way that the server offers, once; a later call finds what was chosen and
 * leaves it. Then does the maintenance that is due. Any number of callers may run it at once.
 *
 * A connection that may create extensions gets the better ways; one that may not falls back, and says so.
 */
export async function bootstrapTimeSeries(client: ClientBase, now: Date): Promise<Choice> {
  return underLock(client, async () => {
    const known = await chosen(client);
    const choice = known ?? (await create(client));
    await keeperNamed(choice.keeper).maintain(client, now);
    return choice;
  });
}

/** Creates partitions ahead and drops what is older than a year, as the keeper does it. @returns what was done */
export async function maintainTimeSeries(client: ClientBase, now: Date): Promise<readonly string[]> {
  return underLock(client, async () => {
    const known = await chosen(client);
    if (known === undefined) throw new Error(`${ticksTable} does not exist; run bootstrap-database first`);
    return keeperNamed(known.keeper).maintain(client, now);
  });
}

async function create(client: ClientBase): Promise<Choice> {
  const server = await inspectServer(client);
  const { able, refusals } = chooseKeepers(server);
  const passedOver = [...refusals];
  for (const keeper of able) {
    await client.query("BEGIN");
    try {
      const detail = await keeper.create(client, server);
      await client.query("INSERT INTO time_series (table_name, keeper, detail) VALUES ($1, $2, $3)", [
        ticksTable,
        keeper.name,
        detail,
      ]);
      await client.query("COMMIT");
      return { keeper: keeper.name, detail, passedOver, isNew: true };
    } catch (error) {
      await client.query("ROLLBACK");
      // Managed servers list extensions that this user may not create: the next best way is still a good one.
      if (keeper === partitions) throw error;
      passedOver.push(`${keeper.name}: ${(error as Error).message}`);
    }
  }
  throw new Error("no way to keep a time series was found");
}

async function chosen(client: ClientBase): Promise<Choice | undefined> {
  const { rows } = await client.query<{ keeper: Keeper["name"]; detail: string }>(
    "SELECT keeper, detail FROM time_series WHERE table_name = $1",
    [ticksTable],
  );
  return rows[0] && { ...rows[0], passedOver: [], isNew: false };
}

function keeperNamed(name: Keeper["name"]): Keeper {
  const keeper = keepers.find((candidate) => candidate.name === name);
  if (keeper === undefined)
    throw new Error(`"${name}" keeps no time series; expected ${keepers.map((k) => k.name).join(", ")}`);
  return keeper;
}

async function underLock<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [lockKey]);
  try {
    return await work();
  } finally {
    await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [lockKey]);
  }
}
