import { parseArgs } from "node:util";
import { ConfigError, readConfig } from "../../packages/kit/config/read";
import { databaseSection } from "../../packages/kit/config/sections";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";

type Status = "ACTIVE" | "SUSPENDED" | "DEACTIVATED";

const usage = "usage: suspend-user <e-mail or user id> --reason <text> [--for-good | --reactivate]";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * `suspend-user <e-mail or user id> --reason <text> [--for-good | --reactivate]`: the user can neither sign in nor trade;
 * sessions here and at the broker end, and orders that were not sent are rejected. For good, it deactivates. The id of a user
 * of an external issuer, who has no row here, stops that user's trading.
 */
async function main(given: readonly string[]): Promise<void> {
  const { name, reason, status } = argumentsOf(given);
  const { database } = readConfig({ database: databaseSection });
  const client = new DatabaseClient(connectionOptions(database, "suspend-user"));
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT set_config('app.user_id', 'system', true)");
    const userId =
      (await changeUser(client, name, status, reason)) ?? (await changeTrading(client, name, status, reason));
    const { rows } = await client.query<{ not_sent: string; at_broker: string }>("SELECT * FROM order_counts($1)", [
      userId,
    ]);
    await client.query("COMMIT");
    const { not_sent: notSent = "0", at_broker: atBroker = "0" } = rows[0] ?? {};
    const orders =
      status === "ACTIVE"
        ? ""
        : `; orders not sent, which are rejected: ${notSent}; orders at the broker, which stay until filled or the day ends: ${atBroker}`;
    process.stdout.write(`${name} is ${status}${orders}\n`);
  } finally {
    await client.end();
  }
}

function argumentsOf(given: readonly string[]): { name: string; reason: string; status: Status } {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: { reason: { type: "string" }, "for-good": { type: "boolean" }, reactivate: { type: "boolean" } },
    });
  } catch {
    throw new Error(usage);
  }
  const { values, positionals } = parsed;
  const [name = "", ...more] = positionals;
  const { reason = "", "for-good": forGood = false, reactivate = false } = values;
  if (name === "" || more.length > 0 || reason === "" || reason.length > 500 || (forGood && reactivate)) {
    throw new Error(usage);
  }
  return { name: name.toLowerCase(), reason, status: reactivate ? "ACTIVE" : forGood ? "DEACTIVATED" : "SUSPENDED" };
}

/** @returns the id of the user, or undefined when none has the name */
async function changeUser(
  client: DatabaseClient,
  name: string,
  status: Status,
  reason: string,
): Promise<string | undefined> {
  const { rows } = await client.query<{ user_id: string; status: Status }>(
    "SELECT user_id, status FROM users WHERE email = $1 OR user_id::text = $1 FOR UPDATE",
    [name],
  );
  const [user] = rows;
  if (user === undefined || user.status === status) return user?.user_id;
  if (user.status === "DEACTIVATED") throw new Error(`${name} is deactivated, which is for good`);
  await client.query(
    `UPDATE users SET status = $2, updated_at = now(), deactivated_at = CASE WHEN $2 = 'DEACTIVATED' THEN now() END
     WHERE user_id = $1`,
    [user.user_id, status],
  );
  if (status !== "ACTIVE") {
    await client.query(
      "UPDATE user_sessions SET ended_at = now(), end_reason = $2 WHERE user_id = $1 AND ended_at IS NULL",
      [user.user_id, status],
    );
  }
  await client.query("INSERT INTO security_events (user_id, kind, reason) VALUES ($1, $2, $3)", [
    user.user_id,
    kindOf(status),
    reason,
  ]);
  return user.user_id;
}

/** For users of an external issuer: what a trigger and `security_events` do for those of this platform. */
async function changeTrading(client: DatabaseClient, userId: string, status: Status, reason: string): Promise<string> {
  if (!uuid.test(userId)) throw new Error(`no user is registered as ${userId}`);
  // One change after the other, also where there is no row to lock.
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`suspension:${userId}`]);
  const { rows } = await client.query<{ status: Status }>("SELECT status FROM suspended_users WHERE user_id = $1", [
    userId,
  ]);
  const before = rows[0]?.status ?? "ACTIVE";
  if (before === status) return userId;
  if (before === "DEACTIVATED") throw new Error(`${userId} is deactivated, which is for good`);
  if (status === "ACTIVE") {
    await client.query("DELETE FROM suspended_users WHERE user_id = $1", [userId]);
  } else {
    await client.query(
      `INSERT INTO suspended_users (user_id, status) VALUES ($1, $2)
       ON CONFLICT (user_id) DO UPDATE SET status = excluded.status`,
      [userId, status],
    );
    await client.query("SELECT pg_notify('user_suspended', $1)", [userId]);
  }
  await client.query("INSERT INTO suspension_events (user_id, kind, reason) VALUES ($1, $2, $3)", [
    userId,
    kindOf(status),
    reason,
  ]);
  return userId;
}

const kindOf = (status: Status) => (status === "ACTIVE" ? "REACTIVATED" : status);

main(process.argv.slice(2)).catch((error: unknown) => {
  const text = error instanceof ConfigError ? error.message : (error as Error).message;
  process.stderr.write(`suspend-user: ${text}\n`);
  process.exitCode = 1;
});
