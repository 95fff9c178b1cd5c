import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { PoolClient } from "pg";
import type { UserStanding } from "../../packages/contract/user-standing";
import { readConfig, section } from "../../packages/kit/config/read";
import { maybe, secret } from "../../packages/kit/config/variables";
import { runDatabaseCommand, UsageError } from "../../packages/kit/database/command";
import type { Database } from "../../packages/kit/database/database";

const usage = "usage: find-user [<e-mail or user id>] [--until-logged-out <seconds>]; or with the first in FIND_USER";

/** Whom to look for: an e-mail address is no argument of a Job, which its object in the cluster would show. */
const userSection = section(
  { FIND_USER: maybe(secret("an e-mail address or a user id, or its file in FIND_USER_FILE")) },
  ({ FIND_USER }) => FIND_USER,
);

const pollMs = 500;

/**
 * `find-user`: how a user stands, as `userStandingSchema` describes it.
 * With --until-logged-out it waits for the end of the session at the broker, no longer than that.
 */
async function findUser(database: Database, args: readonly string[]): Promise<object> {
  const { user, patienceMs } = argumentsOf(args);
  const standing = () => database.as("system", (tx) => standingOf(tx, user));
  const deadline = performance.now() + patienceMs;
  let found = await standing();
  while (found?.brokerSession.open === true && performance.now() < deadline) {
    await sleep(pollMs);
    found = await standing();
  }
  return found ?? { outcome: "none" };
}

/** @throws UsageError */
function argumentsOf(args: readonly string[]): { readonly user: string; readonly patienceMs: number } {
  const { user: given } = readConfig({ user: userSection });
  let parsed;
  try {
    const options = { "until-logged-out": { type: "string", default: "0" } } as const;
    parsed = parseArgs({ args: [...args], allowPositionals: true, options });
  } catch {
    throw new UsageError(usage);
  }
  const [user = given ?? "", ...others] = parsed.positionals;
  const seconds = parsed.values["until-logged-out"];
  if (user === "" || others.length > 0 || !/^\d{1,3}$/.test(seconds)) throw new UsageError(usage);
  return { user: user.toLowerCase(), patienceMs: Number(seconds) * 1_000 };
}

async function standingOf(tx: PoolClient, user: string): Promise<UserStanding | undefined> {
  const { rows } = await tx.query<{ user_id: string; status: UserStanding["status"] }>(
    `SELECT user_id, status FROM users WHERE email = $1 OR user_id::text = $1
     UNION ALL
     SELECT user_id, suspended_users.status FROM broker_accounts FULL JOIN suspended_users USING (user_id)
     WHERE user_id::text = $1 AND user_id NOT IN (SELECT user_id FROM users)`,
    [user],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { user_id: userId, status } = row;
  const sessions = await tx.query<{ active: boolean; termination_reason: string | null }>(
    `SELECT active, termination_reason FROM algolab_sessions WHERE user_id = $1
     ORDER BY active DESC, created_at DESC LIMIT 1`,
    [userId],
  );
  const orders = await tx.query<{ not_sent: number; at_broker: number }>(
    `SELECT count(*) FILTER (WHERE status = 'CREATED')::int AS not_sent,
            count(*) FILTER (WHERE status <> 'CREATED')::int AS at_broker
     FROM orders WHERE user_id = $1 AND status IN ('CREATED', 'SUBMITTING', 'UNKNOWN', 'ACCEPTED', 'PARTIALLY_FILLED')`,
    [userId],
  );
  return {
    outcome: "found",
    userId,
    status,
    brokerSession: {
      open: sessions.rows[0]?.active ?? false,
      ended: sessions.rows[0]?.termination_reason ?? null,
    },
    orders: { notSent: orders.rows[0]?.not_sent ?? 0, atBroker: orders.rows[0]?.at_broker ?? 0 },
  };
}

void runDatabaseCommand("find-user", (database) => findUser(database, process.argv.slice(2)));
