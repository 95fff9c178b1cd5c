import { removeExpired } from "../../../app/services/broker-integration/retention";
import { scriptedBroker } from "../support/scripted-broker";

const scripted = scriptedBroker();
const anyBytes = String.raw`'\x00'`;

/** A row that a user and an account have since an age; `id` tells it from others. */
interface RowOf {
  readonly user: string;
  readonly account: string;
  readonly id: string;
  readonly age: string;
}

test.each<[table: string, kept: string, gone: string, row: (of: RowOf) => string]>([
  [
    "idempotency_keys (user_id, key, request_hash, status, answer, created_at)",
    "25 hours",
    "49 hours",
    ({ user, id, age }) => `'${user}', '${id}', ${anyBytes}, 202, '{}', now() - interval '${age}'`,
  ],
  [
    "outbox (user_id, type, payload, published_at)",
    "6 days",
    "8 days",
    ({ user, age }) => `'${user}', 'ORDER_UPDATE', '{}', now() - interval '${age}'`,
  ],
  [
    "broker_orders (account_id, user_id, reference, trading_day)",
    "29 days",
    "31 days",
    ({ user, account, id, age }) => `'${account}', '${user}', '${id}', current_date - interval '${age}'`,
  ],
  [
    "broker_lists (account_id, user_id, read_at, trading_day)",
    "29 days",
    "31 days",
    ({ user, account, age }) => `'${account}', '${user}', now(), current_date - interval '${age}'`,
  ],
  [
    "price_limit_requests (account_id, user_id, symbol, requested_at)",
    "23 hours",
    "25 hours",
    ({ user, account, id, age }) => `'${account}', '${user}', '${id}', now() - interval '${age}'`,
  ],
  [
    "account_statements (account_id, sub_account, user_id, from_date, until_date, created_at)",
    "23 hours",
    "25 hours",
    ({ user, account, id, age }) =>
      `'${account}', '${id}', '${user}', current_date, current_date, now() - interval '${age}'`,
  ],
  [
    "algolab_sessions (session_id, account_id, user_id, token, expires_at)",
    "29 days",
    "31 days",
    ({ user, account, age }) => `gen_random_uuid(), '${account}', '${user}', ${anyBytes}, now() - interval '${age}'`,
  ],
])("%s: a row of %s is kept, one of %s is not", async (table, kept, gone, row) => {
  const { userId: user, accountId: account } = scripted.context.account;
  const insert = (age: string) =>
    scripted.owned.query(`INSERT INTO ${table} VALUES (${row({ user, account, id: age, age })})`);
  const left = async () => {
    await removeExpired(scripted.context.database);
    return (await scripted.owned.query(`SELECT FROM ${table.split(" ")[0]} WHERE user_id = $1`, [user])).length;
  };
  await insert(kept);
  expect(await left()).toBe(1);
  await insert(gone);
  expect(await left()).toBe(1);
});

test("nothing is deleted that still counts, however old: events that wait, and the session that is used", async () => {
  const { userId, accountId } = scripted.context.account;
  const { owned } = scripted;
  await owned.query(
    "INSERT INTO outbox (user_id, type, payload, created_at) VALUES ($1, 'ORDER_UPDATE', '{}', now() - interval '1 year')",
    [userId],
  );
  await owned.query(
    `INSERT INTO algolab_sessions (session_id, account_id, user_id, token, hash, active, expires_at)
     VALUES (gen_random_uuid(), $1, $2, ${anyBytes}, ${anyBytes}, true, now() - interval '1 year')`,
    [accountId, userId],
  );
  await removeExpired(scripted.context.database);
  for (const table of ["outbox", "algolab_sessions"]) {
    expect(await owned.query(`SELECT FROM ${table} WHERE user_id = $1`, [userId])).toHaveLength(1);
  }
});

test("what the statement showed of an order at most is kept for as long as its end is looked for", async () => {
  const orderId = await scripted.open();
  const { owned } = scripted;
  const keptOf = async (age: string) => {
    await owned.query(
      `INSERT INTO stated_orders (order_id, user_id, quantity, read_at) VALUES ($1, $2, 40, now() - $3::interval)
       ON CONFLICT (order_id) DO UPDATE SET read_at = excluded.read_at`,
      [orderId, scripted.context.account.userId, age],
    );
    await removeExpired(scripted.context.database);
    return (await owned.query("SELECT FROM stated_orders WHERE order_id = $1", [orderId])).length;
  };
  expect([await keptOf("29 days"), await keptOf("31 days")]).toEqual([1, 0]);
});

test("expired rows go some at a time, each batch in a transaction of its own", async () => {
  const { userId } = scripted.context.account;
  await scripted.owned.query(
    `INSERT INTO idempotency_keys (user_id, key, request_hash, status, answer, created_at)
     SELECT $1, 'key ' || n, '\\x00', 202, '{}', now() - interval '3 days' FROM generate_series(1, 12000) n`,
    [userId],
  );
  await scripted.owned.query("CREATE TABLE batches (id xid8, deleted bigint)");
  await scripted.owned.query(
    `CREATE FUNCTION note_batch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
     'BEGIN INSERT INTO public.batches SELECT pg_current_xact_id(), count(*) FROM gone; RETURN NULL; END'`,
  );
  await scripted.owned.query(
    `CREATE TRIGGER batches AFTER DELETE ON idempotency_keys REFERENCING OLD TABLE AS gone
     FOR EACH STATEMENT EXECUTE FUNCTION note_batch()`,
  );
  await removeExpired(scripted.context.database);
  const batches = await scripted.owned.query<{ deleted: string }>(
    "SELECT sum(deleted) AS deleted FROM batches GROUP BY id ORDER BY 1 DESC",
  );
  expect(batches.map(({ deleted }) => Number(deleted))).toEqual([5_000, 5_000, 2_000]);
});
