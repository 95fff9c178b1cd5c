import type { ClientBase } from "pg";
import type { Backend } from "./backend";
import { partitions } from "./partitions";
import { partman } from "./partman";
import { inspectServer } from "./server";
import type { ServerOffer } from "./server";
import { ticksTable } from "./table";
import { timescaledb } from "./timescaledb";

/** Best first. The last one works everywhere. */
const backends: readonly Backend[] = [timescaledb, partman, partitions];

/** Bootstraps and maintenance that start at once take turns on this advisory lock. */
const lockKey = "bist time series";

export interface Choice {
  readonly backend: Backend["name"];
  readonly detail: string;
  /** Why each better backend was passed over. */
  readonly passedOver: readonly string[];
  /** False when an earlier bootstrap had chosen. */
  readonly isNew: boolean;
}

/** The backends that a server allows, best first, and why it refuses the others. */
export function usableBackends(server: ServerOffer): {
  readonly usable: readonly Backend[];
  readonly refusals: string[];
} {
  const judged = backends.map((backend) => ({ backend, refusal: backend.refusal(server) }));
  return {
    usable: judged.filter(({ refusal }) => refusal === undefined).map(({ backend }) => backend),
    refusals: judged.flatMap(({ backend, refusal }) => (refusal === undefined ? [] : [`${backend.name}: ${refusal}`])),
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
    await backendNamed(choice.backend).maintain(client, now);
    return choice;
  });
}

/** Creates partitions ahead and drops what is older than a year, as the backend does it. @returns what was done */
export async function maintainTimeSeries(client: ClientBase, now: Date): Promise<readonly string[]> {
  return underLock(client, async () => {
    const known = await chosen(client);
    if (known === undefined) throw new Error(`${ticksTable} does not exist; run bootstrap-database first`);
    return backendNamed(known.backend).maintain(client, now);
  });
}

async function create(client: ClientBase): Promise<Choice> {
  const server = await inspectServer(client);
  const { usable, refusals } = usableBackends(server);
  const passedOver = [...refusals];
  for (const backend of usable) {
    await client.query("BEGIN");
    try {
      const detail = await backend.create(client, server);
      await client.query("INSERT INTO time_series (table_name, keeper, detail) VALUES ($1, $2, $3)", [
        ticksTable,
        backend.name,
        detail,
      ]);
      await client.query("COMMIT");
      return { backend: backend.name, detail, passedOver, isNew: true };
    } catch (error) {
      await client.query("ROLLBACK");
      // Managed servers list extensions that this user may not create: the next best way is still a good one.
      if (backend === partitions) throw error;
      passedOver.push(`${backend.name}: ${(error as Error).message}`);
    }
  }
  throw new Error("no backend for time series is usable");
}

async function chosen(client: ClientBase): Promise<Choice | undefined> {
  const { rows } = await client.query<{ backend: Backend["name"]; detail: string }>(
    "SELECT keeper AS backend, detail FROM time_series WHERE table_name = $1",
    [ticksTable],
  );
  return rows[0] && { ...rows[0], passedOver: [], isNew: false };
}

function backendNamed(name: Backend["name"]): Backend {
  const backend = backends.find((candidate) => candidate.name === name);
  if (backend === undefined)
    throw new Error(
      `"${name}" is no backend for time series; expected ${backends.map((known) => known.name).join(", ")}`,
    );
  return backend;
}

async function underLock<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [lockKey]);
  try {
    return await work();
  } finally {
    await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [lockKey]);
  }
}
