import type { ClientBase } from "pg";
import { DatabaseBusy, inTurn, withLockRetries } from "../locks";
import type { LockRetries } from "../locks";
import { grantTables } from "../roles";
import { ticksTable } from "../../packages/contract/database";
import type { Backend } from "./backend";
import { backendNamed, chosen, usableBackends } from "./bootstrap";
import { inspectServer } from "./server";
import { daysAhead, ticksRetention } from "./table";
import { inTransaction } from "./transaction";

/** Schema in which the new table is filled, under the name that it will have in `public`. */
const NEXT = `${ticksTable}_next`;
/** Schema of the table that it replaced, until both have been counted. */
const BEFORE = `${ticksTable}_before`;

const columns = `symbol, market, "timestamp", sequence, symbol_sequence, price, quantity, side, bid, ask`;

/** Ticks that came meanwhile are copied so many at a time, and as few as these at last, while the feed waits. */
const sequencesAtOnce = 200_000n;
const sequencesAtLast = 5_000n;

/** A move waits for a dump no longer than this: it is to be run again. */
const TURN_MS = 10_000;

export interface Move {
  /** Who is to keep the ticks. */
  readonly to: string;
  /** Ends between two days after so long, to be run again. @default none */
  readonly budgetMs?: number;
  /** Takes a line for each day. */
  readonly say?: (message: string) => void;
  /** For tables that somebody holds. */
  readonly retries?: LockRetries;
}

/** How far a move is. */
export interface MoveProgress {
  readonly to: Backend["name"];
  /** Whether `to` keeps the ticks, and nothing is left of the table before. */
  readonly done: boolean;
  /** Ticks copied so far, by this run and those before it. */
  readonly ticks: number;
  /** The UTC day that is copied next; undefined when only ticks that came meanwhile are left. */
  readonly day?: string;
  /** Why nothing is done now: who is at work that a move has to wait for. */
  readonly waitsFor?: string;
}

interface State {
  readonly from: Backend["name"];
  readonly to: Backend["name"];
  readonly detail: string;
  readonly startedAt: Date;
  /** Of the newest tick when the move began: days are copied up to it. */
  readonly firstSequence: string;
  /** Everything up to it is copied once `day` is past the last one. */
  readonly sequence: string;
  readonly day: string;
  readonly lastDay: string;
  readonly ticks: string;
  readonly changed: boolean;
}

/**
 * Moves the ticks to another keeper while services read and write them: copies day by day into a table beside the live one,
 * then what came meanwhile, and exchanges the two in one short transaction. The table before goes when both hold as many
 * ticks. Ended at any point, the next call goes on where this one was.
 *
 * Ticks past their retention stay behind, and go with the table before.
 *
 * @returns how far it is: not done after its time, and while the database is dumped or maintained
 * @throws Error when the server refuses that keeper, or a move to another one is under way
 * @throws DatabaseBusy while another run moves them
 */
export async function moveTicks(client: ClientBase, move: Move): Promise<MoveProgress> {
  return alone(client, () => new Mover(client, move).run());
}

/** Gives an unfinished move up: what was copied goes, and the ticks stay where they are. @returns whether there was one */
export async function abandonMove(client: ClientBase, retries?: LockRetries): Promise<boolean> {
  return alone(client, async () => {
    const state = await stateOf(client);
    if (state === undefined) return false;
    if (state.changed) throw new Error(`${state.to} keeps the ticks already: let the move end, or move them back`);
    const drop = async () => {
      await inTransaction(client, () => backendNamed(state.to).release(client, NEXT));
      await backendNamed(state.to).discard(client, NEXT);
      await client.query(`DROP SCHEMA ${NEXT} CASCADE`);
    };
    await inTurn(client, () => withLockRetries(client, drop, retries), TURN_MS);
    return true;
  });
}

class Mover {
  private readonly until: number;

  constructor(
    private readonly client: ClientBase,
    private readonly move: Move,
  ) {
    this.until = performance.now() + (move.budgetMs ?? Infinity);
  }

  async run(): Promise<MoveProgress> {
    try {
      return await this.goOn();
    } catch (error) {
      if (!(error instanceof DatabaseBusy)) throw error;
      const state = await stateOf(this.client);
      const progress = state === undefined ? this.progress({ ticks: 0 }) : this.progressOf(state);
      return { ...progress, waitsFor: error.message };
    }
  }

  private async goOn(): Promise<MoveProgress> {
    let state = await this.begun();
    if (state === undefined) return this.progress({ done: true, ticks: 0 });
    while (!state.changed) {
      if (performance.now() > this.until) return this.progressOf(state);
      const now = state;
      await this.inTurn(() => this.step(now));
      state = await this.state();
    }
    const end = state;
    await this.inTurn(() => this.finish(end));
    return { ...this.progressOf(end), done: true };
  }

  private progressOf({ ticks, day, lastDay }: State): MoveProgress {
    return this.progress({ ticks: Number(ticks), ...(day <= lastDay ? { day } : {}) });
  }

  private progress(reached: Pick<MoveProgress, "ticks"> & Partial<MoveProgress>): MoveProgress {
    return { to: backendNamed(this.move.to).name, done: false, ...reached };
  }

  /** Begins a move, or goes on with the one that was begun. @returns undefined where the ticks are kept so already */
  private async begun(): Promise<State | undefined> {
    const { client, move } = this;
    const begun = await stateOf(client);
    if (begun !== undefined) {
      if (begun.to === move.to) return begun;
      throw new Error(`a move to ${begun.to} is under way: let it end, or give it up`);
    }
    const known = await chosen(client);
    if (known === undefined) throw new Error(`${ticksTable} does not exist; run bootstrap-database first`);
    const backend = backendNamed(move.to);
    if (known.backend === backend.name) return undefined;
    const server = await inspectServer(client);
    const { usable, refusals } = usableBackends(server);
    if (!usable.includes(backend)) {
      throw new Error(`the ticks cannot move: ${refusals.find((refusal) => refusal.startsWith(`${backend.name}:`))}`);
    }
    const begin = () =>
      inTransaction(client, async () => {
        await client.query(`CREATE SCHEMA ${NEXT}`);
        const detail = await backend.create(client, server);
        await client.query(
          `CREATE TABLE ${NEXT}.move AS
           SELECT $3::text AS "from", $1::text AS "to", $2::text AS detail, now() AS started_at, f.last AS first_sequence,
             f.last AS sequence, ((now() - INTERVAL '${ticksRetention}') AT TIME ZONE 'UTC')::date AS day,
             (now() AT TIME ZONE 'UTC')::date + ${daysAhead} AS last_day, 0::bigint AS ticks, false AS changed
           FROM (SELECT coalesce(max(last_sequence), 0) AS last FROM market_feeds) f`,
          [backend.name, detail, known.backend],
        );
      });
    await this.inTurn(() => this.inNext(begin));
    return this.state();
  }

  private async step(state: State): Promise<void> {
    if (state.day <= state.lastDay) return this.copyDay(state);
    const [copied, stored] = [BigInt(state.sequence), await storedSequence(this.client)];
    if (stored - copied <= sequencesAtLast) return this.exchange(state);
    const next = copied + sequencesAtOnce;
    await inTransaction(this.client, () => this.copyRest(state, next < stored ? next : stored));
  }

  /** Copies the ticks of a day that were there when the move began; with the last day, those that are stamped later. */
  private async copyDay({ day, lastDay, firstSequence }: State): Promise<void> {
    const { client } = this;
    const until = day === lastDay ? "'infinity'" : `($1::date + 1)::timestamp AT TIME ZONE 'UTC'`;
    const those = `FROM public.${ticksTable} WHERE "timestamp" >= $1::date::timestamp AT TIME ZONE 'UTC'
      AND "timestamp" < ${until} AND sequence <= $2`;
    const { rowCount: some } = await client.query(`SELECT ${those} LIMIT 1`, [day, firstSequence]);
    if (some !== 0) await this.cover(day);
    const copied = await inTransaction(client, async () => {
      const { rowCount } = await client.query(
        `INSERT INTO ${NEXT}.${ticksTable} (${columns}) SELECT ${columns} ${those}`,
        [day, firstSequence],
      );
      await client.query(`UPDATE ${NEXT}.move SET day = day + 1, ticks = ticks + $1`, [rowCount]);
      return rowCount ?? 0;
    });
    if (copied > 0) this.move.say?.(`${day}: ${copied} ticks`);
  }

  /** Copies ticks that came since the move began, up to one that is stored: those before it are stored as well. */
  private async copyRest(state: State, upTo: bigint): Promise<void> {
    // A tick is at most a day old when it comes.
    const { rowCount } = await this.client.query(
      `INSERT INTO ${NEXT}.${ticksTable} (${columns}) SELECT ${columns} FROM public.${ticksTable}
       WHERE sequence > $1 AND sequence <= $2 AND "timestamp" > $3::timestamptz - INTERVAL '2 days'`,
      [state.sequence, upTo, state.startedAt],
    );
    await this.client.query(`UPDATE ${NEXT}.move SET ticks = ticks + $1, sequence = $2`, [rowCount, upTo]);
  }

  /** Copies the last ticks while the feed waits, and gives the two tables each other's place. */
  private async exchange(state: State): Promise<void> {
    const { client } = this;
    const days = Math.ceil((Date.now() - state.startedAt.getTime()) / dayMs) + daysAhead;
    for (let ahead = -2; ahead <= days; ahead += 1) await this.cover(dateOf(state.startedAt.getTime() + ahead * dayMs));
    await inTransaction(client, async () => {
      // The table before the feed's row, as the feed takes them; whoever stored ticks has committed by then.
      await client.query(`LOCK TABLE public.${ticksTable} IN ACCESS EXCLUSIVE MODE`);
      await this.copyRest(state, await storedSequence(client));
      await requireSameColumns(client);
      await client.query(`CREATE SCHEMA ${BEFORE}`);
      await backendNamed(state.from).release(client, "public");
      for (const table of await familyOf(client, "public")) {
        await client.query(`ALTER TABLE public.${table} SET SCHEMA ${BEFORE}`);
      }
      for (const table of await familyOf(client, NEXT))
        await client.query(`ALTER TABLE ${NEXT}.${table} SET SCHEMA public`);
      await backendNamed(state.to).follow(client, NEXT, "public");
      await grantTables(client);
      await client.query("UPDATE time_series SET keeper = $2, detail = $3, chosen_at = now() WHERE table_name = $1", [
        ticksTable,
        state.to,
        state.detail,
      ]);
      await client.query(`UPDATE ${NEXT}.move SET changed = true`);
    });
    this.move.say?.(`${state.to} keeps the ticks`);
  }

  /** Drops the table before once it is known that none of its ticks is missing. */
  private async finish({ from, sequence }: State): Promise<void> {
    const { client } = this;
    const count = async (schema: string) => {
      const { rows } = await client.query<{ ticks: string }>(
        // A day more than maintenance keeps: it may drop one meanwhile.
        `SELECT count(*) AS ticks FROM ${schema}.${ticksTable}
         WHERE "timestamp" >= now() - INTERVAL '${ticksRetention}' + INTERVAL '2 days' AND sequence <= $1`,
        [sequence],
      );
      return rows[0]?.ticks;
    };
    const [before, after] = [await count(BEFORE), await count("public")];
    if (before !== after) {
      throw new Error(
        `${before} ticks were in the table before and ${after} of them are in the new one; it is kept as ${BEFORE}.${ticksTable}`,
      );
    }
    await backendNamed(from).discard(client, BEFORE);
    await inTransaction(client, async () => {
      await client.query(`DROP SCHEMA ${BEFORE} CASCADE`);
      await client.query(`DROP SCHEMA ${NEXT} CASCADE`);
    });
    this.move.say?.(`${after} ticks are there; dropped the table before`);
  }

  private cover(day: string): Promise<void> {
    return this.inNext(() => backendNamed(this.move.to).cover(this.client, day));
  }

  /** Work that finds the new table where there is one. pg_partman leaves the session the path that it was called with. */
  private async inNext(work: () => Promise<void>): Promise<void> {
    await this.client.query(`SET search_path TO ${NEXT}, public`);
    try {
      await work();
    } finally {
      await this.client.query("RESET search_path");
    }
  }

  private async state(): Promise<State> {
    const state = await stateOf(this.client);
    if (state === undefined) throw new Error("the move was given up meanwhile");
    return state;
  }

  /** Nothing is copied while maintenance changes partitions; a dump may take as long as it likes. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    return inTurn(this.client, () => withLockRetries(this.client, work, this.move.retries), TURN_MS);
  }
}

const dayMs = 86_400_000;
const dateOf = (instant: number) => new Date(instant).toISOString().slice(0, 10);

/** Sequence of the newest tick that is stored. */
async function storedSequence(client: ClientBase): Promise<bigint> {
  const { rows } = await client.query<{ last: string }>(
    "SELECT coalesce(max(last_sequence), 0) AS last FROM market_feeds",
  );
  return BigInt(rows[0]?.last ?? 0);
}

async function stateOf(client: ClientBase): Promise<State | undefined> {
  const { rows: known } = await client.query<{ known: boolean }>("SELECT to_regclass($1) IS NOT NULL AS known", [
    `${NEXT}.move`,
  ]);
  if (known[0]?.known !== true) return undefined;
  const { rows } = await client.query<State>(
    `SELECT "from", "to", detail, started_at AS "startedAt", first_sequence AS "firstSequence", sequence, day::text,
       last_day::text AS "lastDay", ticks, changed FROM ${NEXT}.move`,
  );
  return rows[0];
}

/** A table of ticks and its partitions, as far as they are in its schema. */
async function familyOf(client: ClientBase, schema: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(c.relname) AS name FROM pg_class c
     WHERE c.relnamespace = $1::regnamespace AND (c.oid = $2::regclass
       OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid AND i.inhparent = $2::regclass))
     ORDER BY c.oid <> $2::regclass, c.relname`,
    [schema, `${schema}.${ticksTable}`],
  );
  return rows.map(({ name }) => name);
}

/** @throws Error when a migration has changed the table since the move began */
async function requireSameColumns(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ schema: string; columns: string }>(
    `SELECT attrelid::regclass::text AS schema, string_agg(attname || ' ' || atttypid::regtype || ' ' || attnotnull, ', '
       ORDER BY attname) AS columns FROM pg_attribute
     WHERE attrelid IN ($1::regclass, $2::regclass) AND attnum > 0 AND NOT attisdropped GROUP BY attrelid`,
    [`public.${ticksTable}`, `${NEXT}.${ticksTable}`],
  );
  if (new Set(rows.map((row) => row.columns)).size === 1) return;
  throw new Error(`${ticksTable} has other columns than when the move began: give it up, and begin anew`);
}

const ALONE = "bist move of ticks";

async function alone<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  const { rows } = await client.query<{ got: boolean }>("SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got", [
    ALONE,
  ]);
  if (rows[0]?.got !== true) throw new DatabaseBusy("another run moves the ticks; it can be watched in its log");
  try {
    return await work();
  } finally {
    // A session that is lost has lost its locks.
    await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [ALONE]).catch(() => undefined);
  }
}
