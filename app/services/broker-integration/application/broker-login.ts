import { randomUUID } from "node:crypto";
import { AlgolabLogin } from "../../../packages/algolab/client";
import type { AlgolabConfig } from "../../../packages/algolab/config";
import { AlgolabError } from "../../../packages/algolab/errors";
import type { SessionVault } from "../../../packages/algolab/session-vault";
import { workChannel } from "../domain/channels";
import type { Clock } from "../../../packages/kit/clock";
import { announce } from "../../../packages/kit/database/announcements";
import { violates } from "../../../packages/kit/database/database";
import type { Database } from "../../../packages/kit/database/database";
import { conflict, unauthorized, unavailable } from "../../../packages/kit/http/problem";
import { accountOfUser, openAccount } from "../store/accounts";
import { activateSession, activeSession, endSession, insertPendingSession, pendingSession } from "../store/sessions";
import type { StoredSession } from "../store/sessions";

/** An SMS code is good for three minutes at most; the broker gives no figure. */
const pendingMs = 180_000;
/** The broker's hash ends a day after the login. */
const sessionMs = 86_400_000;

export interface BrokerStatus {
  readonly state: "LOGGED_OUT" | "AWAITING_CODE" | "LOGGED_IN";
  readonly expiresAt: Date | undefined;
  readonly lastRefreshAt: Date | undefined;
  readonly streaming: boolean;
}

export interface Credentials {
  /** National id or customer number. */
  readonly username: string;
  readonly password: string;
  readonly subAccount: string;
  readonly feedsMarketData: boolean;
}

/** Logs users in at the broker. Passwords and codes pass through; only sealed tokens and hashes stay. */
export class BrokerLogin {
  private readonly login: AlgolabLogin;

  constructor(
    readonly database: Database,
    readonly vault: SessionVault,
    readonly clock: Clock,
    broker: AlgolabConfig,
    timeoutMs: number,
  ) {
    this.login = new AlgolabLogin({ ...broker, timeoutMs });
  }

  /** Has the broker send an SMS code. */
  async start(userId: string, { username, password, subAccount, feedsMarketData }: Credentials): Promise<BrokerStatus> {
    const customerHash = this.vault.fingerprint(username);
    const account = await this.database.as({ userId }, async (tx) => {
      try {
        const wanted = { accountId: randomUUID(), userId, subAccount, customerHash, feedsMarketData };
        return await openAccount(tx, wanted);
      } catch (error) {
        if (!violates(error, "broker_accounts_customer_key")) throw error;
        throw conflict("BROKER_ACCOUNT_TAKEN", "this customer number belongs to another user");
      }
    });
    if (account === undefined) throw conflict("OTHER_BROKER_ACCOUNT", "another customer number belongs to this user");
    const token = await this.atBroker(() => this.login.start(username, password));
    const sessionId = randomUUID();
    const expiresAt = new Date(this.clock.now() + pendingMs);
    await this.database.as({ userId }, (tx) =>
      insertPendingSession(tx, {
        sessionId,
        accountId: account.accountId,
        userId,
        token: this.vault.seal(sessionId, token),
        expiresAt,
      }),
    );
    return { state: "AWAITING_CODE", expiresAt, lastRefreshAt: undefined, streaming: false };
  }

  /** Ends a login with the code of the SMS. */
  async confirm(userId: string, code: string): Promise<BrokerStatus> {
    const pending = await this.database.as({ userId }, async (tx) => {
      const account = await accountOfUser(tx, userId);
      return account && pendingSession(tx, account.accountId);
    });
    if (pending === undefined) throw conflict("NO_LOGIN_PENDING", "no login waits for a code; log in first");
    const token = this.vault.open(pending.sessionId, pending.token);
    const hash = await this.atBroker(() => this.login.confirm(token, code));
    await this.database.as({ userId }, async (tx) => {
      const expiresAt = new Date(this.clock.now() + sessionMs);
      await activateSession(tx, pending, this.vault.seal(pending.sessionId, hash), expiresAt);
      announce(tx, workChannel, pending.accountId);
    });
    return this.status(userId);
  }

  async status(userId: string): Promise<BrokerStatus> {
    return this.database.as({ userId }, async (tx) => {
      const account = await accountOfUser(tx, userId);
      const active = account && (await activeSession(tx, account.accountId));
      if (active) return statusOf("LOGGED_IN", active);
      const pending = account && (await pendingSession(tx, account.accountId));
      if (pending) return statusOf("AWAITING_CODE", pending);
      return { state: "LOGGED_OUT", expiresAt: undefined, lastRefreshAt: undefined, streaming: false };
    });
  }

  /** Forgets the session here; the broker offers no way to end it there, so it runs out by itself. */
  async logout(userId: string): Promise<void> {
    await this.database.as({ userId }, async (tx) => {
      const account = await accountOfUser(tx, userId);
      const active = account && (await activeSession(tx, account.accountId));
      if (active === undefined) return;
      await endSession(tx, active.sessionId, "LOGOUT");
      announce(tx, workChannel, active.accountId);
    });
  }

  private async atBroker<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof AlgolabError)) throw error;
      if (error.failure === "REFUSED" || error.failure === "SESSION_EXPIRED") {
        throw unauthorized("BROKER_REFUSED_LOGIN", "the broker did not accept this login");
      }
      throw unavailable("BROKER_UNAVAILABLE", "the broker does not answer", { retryAfterSeconds: 10, cause: error });
    }
  }
}

function statusOf(state: BrokerStatus["state"], session: StoredSession): BrokerStatus {
  return {
    state,
    expiresAt: session.expiresAt,
    lastRefreshAt: session.lastRefreshAt,
    streaming: session.webSocketConnected,
  };
}
