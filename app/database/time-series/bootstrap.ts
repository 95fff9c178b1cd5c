import type { ClientBase } from "pg";
import { ticksTable } from "../../packages/contract/database";
import { sqlState } from "../../packages/kit/database/database";
import { DatabaseBusy, inTurn, withLockRetries } from "../locks";
import type { LockRetries } from "../locks";
import type { Backend } from "./backend";
import { partitions } from "./partitions";
import { partman } from "./partman";
import { inspectServer } from "./server";
import type { ServerOffer } from "./server";
import { timescaledb } from "./timescaledb";
import { inTransaction } from "./transaction";

/** Best first. The last one works everywhere. */
const backends: readonly Backend[] = [timescaledb, partman, partitions];

/** How long a bootstrap waits for a dump or maintenance: a release must not stand still for what maintenance does daily. */
const BOOTSTRAP_TURN_MS = 10_000;

export interface Choice {
  readonly backend: Backend["name"];
  readonly detail: string;
  /** Why each better backend was passed over. */
  readonly passedOver: readonly string[];
  /** False when an earlier bootstrap had chosen. */
  readonly isNew: boolean;
}

export interface Prepared extends Choice {
  /** Why the maintenance that is due is left to `maintain-database`; undefined where it was done. */
  readonly postponed?: string;
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
 * Creates the table of ticks in the best way that the server offers; a later call finds what was chosen, and chooses again
 * only while there is a better way and not one tick. Then does the maintenance that is due, unless a dump is under way. Any
 * number of callers may run it at once.
 *
 * A connection that may create extensions gets the better ways; one that may not falls back, and says so.
 *
 * @param retries for tables that somebody holds
 * @throws what may pass, such as a lock that is not had in time: nothing is chosen then, and the next call tries again
 */
export async function bootstrapTimeSeries(client: ClientBase, now: Date, retries: LockRetries = {}): Promise<Prepared> {
  const choice = await choose(client, retries);
  try {
    await maintain(client, choice, now, { waitMs: BOOTSTRAP_TURN_MS, retries });
    return choice;
  } catch (error) {
    if (!(error instanceof DatabaseBusy)) throw error;
    return { ...choice, postponed: error.message };
  }
}

export interface Patience {
  /** For a dump that is under way. @default ten minutes */
  readonly waitMs?: number;
  /** For tables that somebody holds. */
  readonly retries?: LockRetries;
}

/**
 * Creates partitions ahead and drops what is older than a year, as the backend does it.
 *
 * @returns what was done
 * @throws DatabaseBusy while the database is dumped
 */
export async function maintainTimeSeries(
  client: ClientBase,
  now: Date,
  patience: Patience = {},
): Promise<readonly string[]> {
  const known = await chosen(client);
  if (known === undefined) throw new Error(`${ticksTable} does not exist; run bootstrap-database first`);
  return maintain(client, known, now, patience);
}

function maintain(
  client: ClientBase,
  { backend }: Choice,
  now: Date,
  { waitMs, retries }: Patience,
): Promise<readonly string[]> {
  const work = () => backendNamed(backend).maintain(client, now);
  return inTurn(client, () => withLockRetries(client, work, retries), waitMs);
}

async function choose(client: ClientBase, retries: LockRetries): Promise<Choice> {
  const server = await inspectServer(client);
  const offers = usableBackends(server);
  const known = await chosen(client);
  const better = betterThan(known, offers.usable);
  if (known !== undefined && better.length === 0) return known;
  if (known !== undefined && (await hasTicks(client))) {
    return {
      ...known,
      passedOver: better.map(({ name }) => `${name}: there are ticks already, and they stay where they are`),
    };
  }
  const best = async () => createBest(client, server, offers, await chosen(client));
  try {
    return await inTurn(client, () => withLockRetries(client, best, retries), BOOTSTRAP_TURN_MS);
  } catch (error) {
    if (known !== undefined && error instanceof DatabaseBusy) return known;
    throw error;
  }
}

const betterThan = (known: Choice | undefined, usable: readonly Backend[]) =>
  known === undefined ? usable : usable.slice(0, usable.indexOf(backendNamed(known.backend)));

async function createBest(
  client: ClientBase,
  server: ServerOffer,
  { usable, refusals }: ReturnType<typeof usableBackends>,
  known: Choice | undefined,
): Promise<Choice> {
  const passedOver = [...refusals];
  for (const backend of betterThan(known, usable)) {
    try {
      const detail = await inTransaction(client, () => create(client, backend, server, known));
      return { backend: backend.name, detail, passedOver, isNew: true };
    } catch (error) {
      // Managed servers list extensions that this user may not create: the next best way is still a good one.
      if (backend === partitions || mayPass(error)) throw error;
      passedOver.push(`${backend.name}: ${(error as Error).message}`);
    }
  }
  if (known === undefined) throw new Error("no backend for time series is usable");
  return { ...known, passedOver };
}

/** Makes the table, in the place of the empty one of an earlier choice. @returns what was set up */
async function create(client: ClientBase, backend: Backend, server: ServerOffer, known?: Choice): Promise<string> {
  if (known !== undefined) {
    await client.query(`LOCK TABLE ${ticksTable} IN ACCESS EXCLUSIVE MODE`);
    if (await hasTicks(client)) throw new Error("ticks have come meanwhile");
    await client.query(`DROP TABLE ${ticksTable}`);
    await client.query("DELETE FROM time_series WHERE table_name = $1", [ticksTable]);
  }
  const detail = await backend.create(client, server);
  await client.query("INSERT INTO time_series (table_name, keeper, detail) VALUES ($1, $2, $3)", [
    ticksTable,
    backend.name,
    detail,
  ]);
  return detail;
}

async function hasTicks(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ some: boolean }>(`SELECT EXISTS (SELECT FROM ${ticksTable}) AS some`);
  return rows[0]?.some === true;
}

/** Classes of SQLSTATE that say nothing of what a server offers: connections, conflicts, resources, locks, operators. */
const passingClasses = ["08", "40", "53", "55", "57"];

/** The same in the words of pg_partman, which raises what it catches as an error of its own. */
const passingWords = /^(canceling statement|deadlock detected|could not (obtain|extend)|out of (shared )?memory)/;

/** Whether the same may succeed another time. An error that is none of the server's is one of the connection. */
function mayPass(error: unknown): boolean {
  const state = sqlState(error);
  if (state === undefined || passingClasses.includes(state.slice(0, 2))) return true;
  return state === "P0001" && passingWords.test((error as Error).message);
}

export async function chosen(client: ClientBase): Promise<Choice | undefined> {
  const { rows } = await client.query<{ backend: Backend["name"]; detail: string }>(
    "SELECT keeper AS backend, detail FROM time_series WHERE table_name = $1",
    [ticksTable],
  );
  return rows[0] && { ...rows[0], passedOver: [], isNew: false };
}

export function backendNamed(name: string): Backend {
  const backend = backends.find((candidate) => candidate.name === name);
  if (backend === undefined)
    throw new Error(
      `"${name}" is no backend for time series; expected ${backends.map((known) => known.name).join(", ")}`,
    );
  return backend;
}
