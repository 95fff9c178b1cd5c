/** Where a request comes from. */
export interface Device {
  readonly ipAddress: string;
  readonly userAgent: string;
}

export type EndReason =
  "LOGOUT" | "TERMINATED" | "PASSWORD_CHANGED" | "DEACTIVATED" | "SUSPENDED" | "REFRESH_REUSED" | "TOO_MANY_SESSIONS";

export interface Session {
  readonly sessionId: string;
  readonly userId: string;
  readonly userAgent: string;
  readonly ipAddress: string | undefined;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
}
