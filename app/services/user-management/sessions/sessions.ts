import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { metrics as contract } from "../../../packages/contract/metrics";
import { unauthorized } from "../../../packages/kit/http/problem";
import type { Kit } from "../../../packages/kit/service";
import * as refreshTokens from "../store/refresh-tokens";
import { recordEvent } from "../store/security-events";
import * as store from "../store/sessions";
import { findUser } from "../store/users";
import type { User } from "../store/users";
import type { AccessToken, AccessTokens } from "../tokens/access-tokens";

/** Where a request comes from. */
export interface Device {
  readonly ipAddress: string;
  readonly userAgent: string;
}

export interface SignedIn {
  readonly sessionId: string;
  readonly access: AccessToken;
  readonly refreshToken: string;
  readonly refreshExpiresAt: Date;
}

/** Sessions that a user may have at once; one more ends the oldest. */
const mostSessions = 5;
/** However often it is refreshed, a session ends this long after its sign-in (ASVS 10.4.8). */
const longestSessionMs = 30 * 86_400_000;
/** Time within which the last used refresh token may come again: its answer was lost, and the client tries once more. */
export const overlapMs = 10_000;

/** Opens sessions, and keeps them with refresh tokens that work once. */
export class Sessions {
  constructor(
    private readonly kit: Kit,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokenMs: number,
  ) {}

  /** Opens a session inside the caller's transaction. */
  async open(db: PoolClient, user: User, device: Device): Promise<SignedIn> {
    const now = this.now();
    const others = await store.activeSessions(db, user.userId, now);
    for (const { sessionId } of others.slice(mostSessions - 1))
      await store.endSession(db, user.userId, sessionId, "TOO_MANY_SESSIONS");
    const sessionId = randomUUID();
    const expiresAt = new Date(now.getTime() + this.refreshTokenMs);
    await store.insertSession(db, { sessionId, userId: user.userId, ...device, now, expiresAt });
    return this.issue(db, user, sessionId, expiresAt);
  }

  /**
   * Exchanges a refresh token for new tokens of the same session. A token that was used before ends the session: it
   * has been in two hands (ASVS 10.4.5).
   * @throws Problem 401 INVALID_REFRESH_TOKEN, the same for every reason
   */
  async refresh(token: string, device: Device): Promise<SignedIn> {
    // A refusal is a result here, not an error: what it has changed must be committed.
    const outcome = await this.kit.database.as("system", (db) => this.exchange(db, hashOf(token), device));
    if (outcome === undefined)
      throw unauthorized("INVALID_REFRESH_TOKEN", "the refresh token is not valid; sign in again");
    return outcome;
  }

  private async exchange(db: PoolClient, hash: Buffer, device: Device): Promise<SignedIn | undefined> {
    const now = this.now();
    const known = await refreshTokens.findRefreshToken(db, hash);
    const session = known && (await store.lockActiveSession(db, known.sessionId, now));
    if (session === undefined) return undefined;
    const { userId, sessionId } = session;
    // Read again under the session's lock: two requests may have come with the same token at once.
    const token = await refreshTokens.findRefreshToken(db, hash);
    if (token?.usedAt !== undefined && !(await this.isRetry(db, token, token.usedAt, now))) {
      await store.endSession(db, userId, sessionId, "REFRESH_REUSED");
      await recordEvent(db, userId, "REFRESH_REUSED", device.ipAddress);
      this.kit.metrics.counter(contract.refreshReuse).inc();
      this.kit.log.warn({ userId, sessionId }, "a refresh token came a second time: its session is ended");
      return undefined;
    }
    const user = await findUser(db, userId);
    if (user?.status !== "ACTIVE") return undefined;
    if (token?.usedAt === undefined) await refreshTokens.markUsed(db, hash, now);
    else await refreshTokens.supersedeUnused(db, sessionId, now);
    const expiresAt = new Date(
      Math.min(now.getTime() + this.refreshTokenMs, session.createdAt.getTime() + longestSessionMs),
    );
    await store.touchSession(db, sessionId, now, expiresAt);
    return this.issue(db, user, sessionId, expiresAt);
  }

  private async isRetry(
    db: PoolClient,
    { sessionId, superseded }: refreshTokens.RefreshToken,
    usedAt: Date,
    now: Date,
  ): Promise<boolean> {
    const recent = now.getTime() - usedAt.getTime() <= overlapMs;
    return recent && !superseded && (await refreshTokens.isLastUsed(db, sessionId, usedAt));
  }

  private async issue(db: PoolClient, user: User, sessionId: string, refreshExpiresAt: Date): Promise<SignedIn> {
    const refreshToken = randomBytes(32).toString("base64url");
    await refreshTokens.insertRefreshToken(db, {
      hash: hashOf(refreshToken),
      sessionId,
      userId: user.userId,
      now: this.now(),
    });
    const access = await this.accessTokens.issue(user.userId, sessionId, user.roles);
    return { sessionId, access, refreshToken, refreshExpiresAt };
  }

  private now(): Date {
    return new Date(this.kit.clock.now());
  }
}

/** Refresh tokens have 256 random bits: a plain hash of them is as hard to turn around as a slow one. */
const hashOf = (token: string) => createHash("sha256").update(token).digest();
