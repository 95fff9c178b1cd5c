import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { metrics as contract } from "../../../packages/contract/metrics";
import { notFound, unauthorized } from "../../../packages/kit/http/problem";
import type { Kit } from "../../../packages/kit/service";
import type { AccessToken, AccessTokens } from "../crypto/access-tokens";
import type { Device, Session } from "../domain/session";
import type { User } from "../domain/user";
import * as refreshTokens from "../store/refresh-tokens";
import { recordEvent } from "../store/security-events";
import * as store from "../store/sessions";
import { findUser } from "../store/users";

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
  async open(tx: PoolClient, user: User, device: Device): Promise<SignedIn> {
    const now = this.now();
    const others = await store.activeSessions(tx, user.userId, now);
    for (const { sessionId } of others.slice(mostSessions - 1))
      await store.endSession(tx, user.userId, sessionId, "TOO_MANY_SESSIONS");
    const sessionId = randomUUID();
    const expiresAt = new Date(now.getTime() + this.refreshTokenMs);
    await store.insertSession(tx, { sessionId, userId: user.userId, ...device, now, expiresAt });
    return this.issue(tx, user, sessionId, expiresAt);
  }

  /**
   * Exchanges a refresh token for new tokens of the same session. A token that was used before ends the session: it
   * has been in two hands (ASVS 10.4.5).
   * @throws Problem 401 INVALID_REFRESH_TOKEN, the same for every reason
   */
  async refresh(token: string, device: Device): Promise<SignedIn> {
    // A refusal is a result here, not an error: what it has changed must be committed.
    const outcome = await this.kit.database.as("system", (tx) => this.exchange(tx, hashOf(token), device));
    if (outcome === undefined)
      throw unauthorized("INVALID_REFRESH_TOKEN", "the refresh token is not valid; sign in again");
    return outcome;
  }

  /** A user's sessions that have neither ended nor expired, the newest first. */
  active(userId: string): Promise<readonly Session[]> {
    return this.kit.database.as({ userId }, (tx) => store.activeSessions(tx, userId, this.now()));
  }

  async signOut(userId: string, sessionId: string, ipAddress: string): Promise<void> {
    await this.kit.database.as({ userId }, async (tx) => {
      await store.endSession(tx, userId, sessionId, "LOGOUT");
      await recordEvent(tx, userId, "SIGNED_OUT", ipAddress);
    });
  }

  /** @throws Problem 404 SESSION_NOT_FOUND */
  async terminate(userId: string, sessionId: string, ipAddress: string): Promise<void> {
    const ended = await this.kit.database.as({ userId }, async (tx) => {
      const found = await store.endSession(tx, userId, sessionId, "TERMINATED");
      if (found) await recordEvent(tx, userId, "SESSION_TERMINATED", ipAddress);
      return found;
    });
    if (!ended) throw notFound("SESSION_NOT_FOUND", "you have no such session");
  }

  async terminateAll(userId: string, ipAddress: string): Promise<void> {
    await this.kit.database.as({ userId }, async (tx) => {
      await store.endSessions(tx, userId, "TERMINATED");
      await recordEvent(tx, userId, "SESSION_TERMINATED", ipAddress);
    });
  }

  private async exchange(tx: PoolClient, hash: Buffer, device: Device): Promise<SignedIn | undefined> {
    const now = this.now();
    const known = await refreshTokens.findRefreshToken(tx, hash);
    const session = known && (await store.lockActiveSession(tx, known.sessionId, now));
    if (session === undefined) return undefined;
    const { userId, sessionId } = session;
    // Read again under the session's lock: two requests may have come with the same token at once.
    const token = await refreshTokens.findRefreshToken(tx, hash);
    if (token?.usedAt !== undefined && !(await this.isRetry(tx, token, token.usedAt, now))) {
      await store.endSession(tx, userId, sessionId, "REFRESH_REUSED");
      await recordEvent(tx, userId, "REFRESH_REUSED", device.ipAddress);
      this.kit.metrics.counter(contract.refreshReuse).inc();
      this.kit.log.warn({ userId, sessionId }, "a refresh token came a second time: its session is ended");
      return undefined;
    }
    const user = await findUser(tx, userId);
    if (user?.status !== "ACTIVE") return undefined;
    if (token?.usedAt === undefined) await refreshTokens.markUsed(tx, hash, now);
    else await refreshTokens.supersedeUnused(tx, sessionId, now);
    const expiresAt = new Date(
      Math.min(now.getTime() + this.refreshTokenMs, session.createdAt.getTime() + longestSessionMs),
    );
    await store.touchSession(tx, sessionId, now, expiresAt);
    return this.issue(tx, user, sessionId, expiresAt);
  }

  private async isRetry(
    tx: PoolClient,
    { sessionId, superseded }: refreshTokens.RefreshToken,
    usedAt: Date,
    now: Date,
  ): Promise<boolean> {
    const recent = now.getTime() - usedAt.getTime() <= overlapMs;
    return recent && !superseded && (await refreshTokens.isLastUsed(tx, sessionId, usedAt));
  }

  private async issue(tx: PoolClient, user: User, sessionId: string, refreshExpiresAt: Date): Promise<SignedIn> {
    const refreshToken = randomBytes(32).toString("base64url");
    await refreshTokens.insertRefreshToken(tx, {
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
