import type { PoolClient } from "pg";
import type { Role } from "../../../packages/contract/authorities";
import type { Credentials, NewUser, Sealed, User, UserStatus } from "../domain/user";

interface UserRow {
  user_id: string;
  email: string;
  first_name: string;
  last_name: string;
  phone_number: string | null;
  roles: Role[];
  status: UserStatus;
  created_at: Date;
}

const columns = "user_id, email, first_name, last_name, phone_number, roles, status, created_at";

const userOf = (row: UserRow): User => ({
  userId: row.user_id,
  email: row.email,
  firstName: row.first_name,
  lastName: row.last_name,
  phoneNumber: row.phone_number ?? undefined,
  roles: row.roles,
  status: row.status,
  createdAt: row.created_at,
});

/** @throws the violation of users_email_key or user_secrets_tckn_hash_key */
export async function insertUser(tx: PoolClient, user: NewUser): Promise<void> {
  await tx.query(
    `INSERT INTO users (user_id, email, first_name, last_name, phone_number, roles) VALUES ($1, $2, $3, $4, $5, $6)`,
    [user.userId, user.email, user.firstName, user.lastName, user.phoneNumber, user.roles],
  );
  await tx.query(
    `INSERT INTO user_secrets (user_id, password_hash, tckn_ciphertext, tckn_key_id, tckn_hash)
     VALUES ($1, $2, $3, $4, $5)`,
    [user.userId, user.passwordHash, user.tckn?.sealed.bytes, user.tckn?.sealed.keyId, user.tckn?.hash],
  );
}

/** What a sign-in needs to know, in one question whether or not there is such a user. */
export async function findCredentials(
  tx: PoolClient,
  email: string,
  ipAddress: string,
  now: Date,
): Promise<Credentials | undefined> {
  const { rows } = await tx.query<UserRow & { password_hash: string; known_address: boolean }>(
    `SELECT u.*, s.password_hash, EXISTS (
       SELECT 1 FROM user_sessions k
       WHERE k.user_id = u.user_id AND k.ip_address = $2 AND k.created_at > $3::timestamptz - interval '30 days'
     ) AS known_address
     FROM users u JOIN user_secrets s USING (user_id) WHERE u.email = $1`,
    [email, ipAddress, now],
  );
  return rows
    .map((row) => ({ user: userOf(row), passwordHash: row.password_hash, knownAddress: row.known_address }))
    .at(0);
}

export async function findPasswordHash(tx: PoolClient, userId: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ password_hash: string }>(
    "SELECT password_hash FROM user_secrets WHERE user_id = $1",
    [userId],
  );
  return rows[0]?.password_hash;
}

export async function findUser(tx: PoolClient, userId: string): Promise<User | undefined> {
  const { rows } = await tx.query<UserRow>(`SELECT ${columns} FROM users WHERE user_id = $1`, [userId]);
  return rows.map(userOf).at(0);
}

export async function updateProfile(
  tx: PoolClient,
  userId: string,
  profile: Pick<User, "firstName" | "lastName" | "phoneNumber">,
): Promise<User | undefined> {
  const { rows } = await tx.query<UserRow>(
    `UPDATE users SET first_name = $2, last_name = $3, phone_number = $4, updated_at = now()
     WHERE user_id = $1 RETURNING ${columns}`,
    [userId, profile.firstName, profile.lastName, profile.phoneNumber],
  );
  return rows.map(userOf).at(0);
}

/** @returns false when there is no such user */
export async function updateRoles(tx: PoolClient, userId: string, roles: readonly Role[]): Promise<boolean> {
  const { rowCount } = await tx.query("UPDATE users SET roles = $2, updated_at = now() WHERE user_id = $1", [
    userId,
    roles,
  ]);
  return rowCount === 1;
}

export async function updatePassword(tx: PoolClient, userId: string, passwordHash: string): Promise<void> {
  await tx.query("UPDATE user_secrets SET password_hash = $2, password_changed_at = now() WHERE user_id = $1", [
    userId,
    passwordHash,
  ]);
}

export async function deactivateUser(tx: PoolClient, userId: string): Promise<void> {
  await tx.query(
    `UPDATE users SET status = 'DEACTIVATED', deactivated_at = now(), updated_at = now() WHERE user_id = $1`,
    [userId],
  );
}

/**
 * Gives the user another status; broker-integration learns of it by a trigger.
 * @returns the status before, or undefined when there is no such user; one that is deactivated stays so
 */
export async function updateStatus(
  tx: PoolClient,
  userId: string,
  status: UserStatus,
): Promise<UserStatus | undefined> {
  const { rows } = await tx.query<{ status: UserStatus }>("SELECT status FROM users WHERE user_id = $1 FOR UPDATE", [
    userId,
  ]);
  const before = rows[0]?.status;
  if (before !== undefined && before !== status && before !== "DEACTIVATED") {
    await tx.query(
      `UPDATE users SET status = $2, updated_at = now(), deactivated_at = CASE WHEN $2 = 'DEACTIVATED' THEN now() END
       WHERE user_id = $1`,
      [userId, status],
    );
  }
  return before;
}

/** What the user has under way in trading. */
export interface OrderCounts {
  /** Taken and not sent. */
  readonly notSent: number;
  /** Sent, and not known to have ended. */
  readonly atBroker: number;
}

export async function countOrders(tx: PoolClient, userId: string): Promise<OrderCounts> {
  const { rows } = await tx.query<{ not_sent: string; at_broker: string }>("SELECT * FROM order_counts($1)", [userId]);
  return { notSent: Number(rows[0]?.not_sent ?? 0), atBroker: Number(rows[0]?.at_broker ?? 0) };
}

export async function findTckn(tx: PoolClient, userId: string): Promise<Sealed | undefined> {
  const { rows } = await tx.query<{ tckn_ciphertext: Buffer | null; tckn_key_id: string | null }>(
    "SELECT tckn_ciphertext, tckn_key_id FROM user_secrets WHERE user_id = $1",
    [userId],
  );
  const [row] = rows;
  if (row?.tckn_ciphertext == null || row.tckn_key_id === null) return undefined;
  return { keyId: row.tckn_key_id, bytes: row.tckn_ciphertext };
}

export async function updateTckn(tx: PoolClient, userId: string, sealed: Sealed): Promise<void> {
  await tx.query("UPDATE user_secrets SET tckn_ciphertext = $2, tckn_key_id = $3 WHERE user_id = $1", [
    userId,
    sealed.bytes,
    sealed.keyId,
  ]);
}
