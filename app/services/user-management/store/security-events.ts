import type { PoolClient } from "pg";

export type SecurityEvent =
  | "REGISTERED"
  | "SIGNED_IN"
  | "SIGNED_OUT"
  | "SESSION_TERMINATED"
  | "REFRESH_REUSED"
  | "PASSWORD_CHANGED"
  | "ROLES_CHANGED"
  | "DEACTIVATED";

/** Writes down what a user or an investigation will want to know later. */
export async function recordEvent(
  tx: PoolClient,
  userId: string,
  kind: SecurityEvent,
  ipAddress: string,
): Promise<void> {
  await tx.query("INSERT INTO security_events (user_id, kind, ip_address) VALUES ($1, $2, $3)", [
    userId,
    kind,
    ipAddress,
  ]);
}
