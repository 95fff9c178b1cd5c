import type { Pool, PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Queryable } from "../../../packages/kit/database/database";
import { feedTimeoutMs, inFeedTransaction } from "./feed-pool";
import { oldestTickMs } from "../domain/tick";
import { parseTickLines, tickColumns, tickLineSql } from "./tick-lines";
import type { StoredTick } from "../domain/tick";
import { timeParameter } from "./sql";

/** The name of the only feed: its row in market_feeds carries lease, epoch and sequences. */
export const feedName = "algolab";

const copyTimeoutMs = 2 * feedTimeoutMs;

/**
 * The table is named anew once it may be written to: while it is moved to another keeper, whoever waits for it wakes up with
 * another table under its name. TimescaleDB looks at a COPY's table before it waits, and would lose what is copied.
 */
const beginCopy = "BEGIN; LOCK TABLE ONLY market_ticks IN ROW EXCLUSIVE MODE";

/** Lines of ticks that are stored together or not at all. */
export interface TickBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** As `tickLine` writes them. */
  readonly lines: string;
}

/** Another replica is the leader by now: nothing of this one may be stored any more. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

/** An earlier attempt had stored the batch. */
class StoredBeforeError extends Error {}

/**
 * Stores a batch exactly once, whatever happened to earlier attempts. The row of the feed is the ledger: it is moved
 * to the batch's last sequence in the transaction that copies the ticks, if it still is before it and ours. An attempt
 * whose answer was lost is seen there by the next one, which waits for it on the row's lock.
 *
 * The row is locked after the copy: PostgreSQL heeds no time limit while it waits for a client's lines, so that a leader frozen
 * in the middle of them would keep the lease from every other replica for as long.
 *
 * @param pool of `createFeedPool`, whose time limits end a transaction that hangs on either side
 * @throws FencedError when the feed has been taken over since `epoch`
 */
export async function storeBatch(pool: Pool, epoch: number, batch: TickBatch): Promise<void> {
  try {
    const store = async (tx: PoolClient) => {
      await copyLines(tx, batch.lines);
      const moved = await tx.query(
        "UPDATE market_feeds SET last_sequence = $3 WHERE feed = $1 AND epoch = $2 AND last_sequence < $4",
        [feedName, epoch, batch.lastSequence, batch.firstSequence],
      );
      // What was copied is rolled back.
      if (moved.rowCount !== 1) throw await refusal(tx, epoch, batch);
    };
    await inFeedTransaction(pool, store, beginCopy);
  } catch (error) {
    if (!(error instanceof StoredBeforeError)) throw error;
  }
}

async function refusal(
  tx: PoolClient,
  epoch: number,
  { firstSequence, lastSequence: last }: TickBatch,
): Promise<Error> {
  const stored = await lastSequence(tx, epoch);
  if (stored === undefined) return new FencedError(`the feed was taken over after epoch ${epoch}`);
  if (stored >= last) return new StoredBeforeError();
  return new Error(`ticks up to ${stored} are stored, which cuts the batch from ${firstSequence} to ${last}`);
}

/** Ends by itself when the server is not heard any more: the pool's limit is of queries alone. */
function copyLines(tx: PoolClient, lines: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const copy = tx.query(copyFrom(`COPY market_ticks (${tickColumns}) FROM STDIN`));
    const limit = setTimeout(() => {
      reject(new Error(`ticks were not copied within ${copyTimeoutMs} ms`));
    }, copyTimeoutMs);
    copy.on("finish", () => {
      clearTimeout(limit);
      resolve();
    });
    copy.on("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
    copy.end(lines);
  });
}

async function lastSequence(tx: PoolClient, epoch: number): Promise<number | undefined> {
  const { rows } = await tx.query<{ last: string }>(
    "SELECT last_sequence AS last FROM market_feeds WHERE feed = $1 AND epoch = $2",
    [feedName, epoch],
  );
  return rows[0] && Number(rows[0].last);
}

/** What is stored, by any leader. */
export interface StoredTicks {
  /** Of the newest tick. */
  readonly sequence: number;
  /** The database's time. */
  readonly asOfMs: number;
}

export async function storedTicks(database: Queryable): Promise<StoredTicks> {
  const { rows } = await database.query<{ last: string; as_of: Date }>(
    "SELECT last_sequence AS last, clock_timestamp() AS as_of FROM market_feeds WHERE feed = $1",
    [feedName],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`market_feeds has no row of ${feedName}`);
  return { sequence: Number(row.last), asOfMs: row.as_of.getTime() };
}

/**
 * Stored ticks after one sequence up to another, in order. A tick is at most a day old when it comes, and it came after those
 * before it: what is older by more than that than one of them need not be looked through.
 * @param newestMs latest exchange time of the ticks up to `after`, or earlier; however long ago that is, nothing is missed. A
 *   time that is still to come is an absurd one, and no such bound
 */
export async function ticksBetween(
  database: Queryable,
  after: number,
  upTo: number,
  newestMs: number,
): Promise<StoredTick[]> {
  // A value, not a function of the database's clock: partitions are pruned by what is known while a statement is planned.
  const { rows } = await database.query<{ line: string }>(
    `SELECT ${tickLineSql} AS line
     FROM market_ticks
     WHERE sequence > $1 AND sequence <= $2 AND "timestamp" > $3
     ORDER BY sequence`,
    [after, upTo, timeParameter(newestMs - 2 * oldestTickMs)],
  );
  return parseTickLines(rows.map(({ line }) => line).join("\n"));
}

/** The newest stored ticks of each symbol by exchange time, at most `count` of each and a day old, oldest first. */
export async function latestTicks(
  database: Queryable,
  symbols: readonly string[],
  count: number,
): Promise<StoredTick[]> {
  const nowMs = (await databaseTime(database)).getTime();
  const { rows } = await database.query<{ line: string }>(
    `SELECT ${tickLineSql} AS line
     FROM unnest($1::text[]) wanted CROSS JOIN LATERAL (
       SELECT * FROM market_ticks
       WHERE symbol = wanted AND "timestamp" > $3
       ORDER BY "timestamp" DESC, sequence DESC LIMIT $2) t
     ORDER BY sequence`,
    [symbols, count, new Date(nowMs - oldestTickMs)],
  );
  return parseTickLines(rows.map(({ line }) => line).join("\n"));
}
