import type { PoolClient } from "pg";

export type SecurityEvent =
  | "REGISTERED"
  | "SIGNED_IN"
  | "SIGNED_OUT"
  | "SESSION_TERMINATED"
  | "REFRESH_REUSED"
  | "PASSWORD_CHANGED"
  | "ROLES_CHANGED"
  | "DEACTIVATED"
  | "SUSPENDED"
  | "REACTIVATED";

/** Who did it to the user, and why, where that is not the user. */
export interface Intervention {
  readonly actorId: string;
  readonly reason: string;
}

/** Writes down what a user or an investigation will want to know later. */
export async function recordEvent(
  tx: PoolClient,
  userId: string,
  kind: SecurityEvent,
  ipAddress: string,
  intervention?: Intervention,
): Promise<void> {
  await tx.query(
    "INSERT INTO security_events (user_id, kind, ip_address, actor_id, reason) VALUES ($1, $2, $3, $4, $5)",
    [userId, kind, ipAddress, intervention?.actorId ?? null, intervention?.reason ?? null],
  );
}
