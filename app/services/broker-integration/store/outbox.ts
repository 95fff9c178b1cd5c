import type { PoolClient } from "pg";
import { announce } from "../../../packages/kit/database/announcements";
import { eventChannel, outboxChannel } from "../domain/channels";
import type { EventType } from "../domain/events";

export interface StoredEvent {
  readonly eventId: string;
  readonly userId: string;
  readonly type: EventType;
  readonly payload: unknown;
}

/** Adds an event, which commits together with the change that it reports. */
export async function publish(tx: PoolClient, userId: string, type: EventType, payload: unknown): Promise<void> {
  await tx.query("INSERT INTO outbox (user_id, type, payload) VALUES ($1, $2, $3)", [
    userId,
    type,
    JSON.stringify(payload),
  ]);
  announce(tx, outboxChannel);
}

/**
 * Publishes unpublished events to all replicas, oldest first, leaving out those that another replica is publishing.
 * The notifications leave with the commit that marks the events. It need not be durable: what a crash of the database
 * undoes is published again.
 * @returns how many
 */
export async function relayEvents(tx: PoolClient, limit: number): Promise<number> {
  const { rowCount } = await tx.query(
    `WITH due AS (
       SELECT event_id FROM outbox WHERE published_at IS NULL ORDER BY event_id LIMIT $1 FOR UPDATE SKIP LOCKED
     ), published AS (
       UPDATE outbox SET published_at = clock_timestamp() FROM due WHERE outbox.event_id = due.event_id
       RETURNING outbox.event_id, outbox.user_id
     )
     SELECT pg_notify($2, user_id::text || ':' || event_id::text) FROM (SELECT * FROM published ORDER BY event_id) AS ordered`,
    [limit, eventChannel],
  );
  return rowCount ?? 0;
}

/** Milliseconds for which the oldest unpublished event has waited; 0 when there is none. */
export async function longestWait(tx: PoolClient): Promise<number> {
  const { rows } = await tx.query<{ waited_ms: number }>(
    `SELECT (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float8 AS waited_ms
     FROM outbox WHERE published_at IS NULL ORDER BY event_id LIMIT 1`,
  );
  return rows[0]?.waited_ms ?? 0;
}

export async function findEvents(tx: PoolClient, eventIds: readonly string[]): Promise<StoredEvent[]> {
  const { rows } = await tx.query<{ event_id: string; user_id: string; type: EventType; payload: unknown }>(
    "SELECT event_id, user_id, type, payload FROM outbox WHERE event_id = ANY ($1) ORDER BY event_id",
    [eventIds],
  );
  return rows.map(({ event_id, user_id, type, payload }) => ({ eventId: event_id, userId: user_id, type, payload }));
}

/** Published events of the users since an instant: what lost notifications may have been about. */
export async function eventsPublishedSince(
  tx: PoolClient,
  userIds: readonly string[],
  since: Date,
): Promise<StoredEvent[]> {
  const { rows } = await tx.query<{ event_id: string; user_id: string; type: EventType; payload: unknown }>(
    `SELECT event_id, user_id, type, payload FROM outbox
     WHERE published_at >= $2 AND user_id = ANY ($1) ORDER BY event_id`,
    [userIds, since],
  );
  return rows.map(({ event_id, user_id, type, payload }) => ({ eventId: event_id, userId: user_id, type, payload }));
}
