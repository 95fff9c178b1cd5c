import type { Authority } from "../../contract/authorities";

/** Who a verified token speaks for. */
export interface Principal {
  /** UUID of the user, the token's `sub`. */
  readonly userId: string;
  /** The session that the token belongs to, its `sid`; absent with an external issuer that has none. */
  readonly sessionId?: string;
  readonly roles: readonly string[];
  readonly authorities: ReadonlySet<Authority>;
  /** Milliseconds since the epoch at which the token ends. */
  readonly expiresAt: number;
}
