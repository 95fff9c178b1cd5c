import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import { CallsBusy, CallSlots } from "../../../packages/algolab/call-slots";
import { AlgolabLogin } from "../../../packages/algolab/client";
import type { AlgolabConfig } from "../../../packages/algolab/config";
import { assertApiKey } from "../../../packages/algolab/crypto";
import { AlgolabError } from "../../../packages/algolab/errors";
import type { SessionVault } from "../../../packages/algolab/session-vault";
import type { TransportOptions } from "../../../packages/algolab/transport";
import { sessionChannel } from "../domain/channels";
import { backoffMs } from "../../../packages/kit/backoff";
import type { Clock } from "../../../packages/kit/clock";
import { announce } from "../../../packages/kit/database/announcements";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Database } from "../../../packages/kit/database/database";
import {
  conflict,
  notFound,
  Problem,
  tooManyRequests,
  unauthorized,
  unavailable,
  unprocessable,
} from "../../../packages/kit/http/problem";
import { accountOfUser, claimAccount, hasProven, isSuspended } from "../store/accounts";
import type { ClaimRefusal } from "../store/accounts";
import { deleteApiKey, findApiKey, storeApiKey } from "../store/api-keys";
import { pendingLogin, storeLogin, takeLogin } from "../store/logins";
import type { PendingLogin } from "../store/logins";
import { activeSession, endSession, replaceSession } from "../store/sessions";
import { requestViews } from "../store/views";
import { settleWantedSubAccount, unlistedSubAccount } from "../store/wanted-sub-account";
import type { SubAccountProblem } from "../store/wanted-sub-account";
import { readView, unreadableAnswer } from "./read-view";
import { notActive } from "./trading-account";

/** An SMS code is good for three minutes at most; the broker gives no figure. */
const pendingMs = 180_000;
/** The broker's hash ends a day after the login. */
const sessionMs = 86_400_000;
/** A person waits before a form: past this time, while other calls for the customer go first, the answer is to try again. */
const patienceMs = 10_000;
/** How often a session that the database did not take is offered again. */
const keepAgain = { times: 4, firstMs: 250, mostMs: 2_000 } as const;

export const brokerStates = ["LOGGED_OUT", "AWAITING_CODE", "AWAITING_SUB_ACCOUNT", "LOGGED_IN"] as const;
export type BrokerState = (typeof brokerStates)[number];

export interface BrokerStatus {
  /** AWAITING_SUB_ACCOUNT: there is a session, and no order is taken until the sub-account is chosen. */
  readonly state: BrokerState;
  readonly expiresAt: Date | undefined;
  readonly lastRefreshAt: Date | undefined;
  readonly streaming: boolean;
  /** The one that orders and views go by; "" for the only one. Undefined without an account. */
  readonly subAccount: string | undefined;
  /** The one that the log-in named, while it is not chosen. */
  readonly wantedSubAccount: string | undefined;
  /** Why it is not; undefined while the broker has not listed what there is. */
  readonly subAccountProblem: SubAccountProblem | undefined;
}

export interface Credentials {
  /** National id or customer number. */
  readonly username: string;
  readonly password: string;
  /** The customer's API key. @default the one that was given before, or the platform's */
  readonly apiKey: string | undefined;
  /** @default the one that was chosen before */
  readonly subAccount: string | undefined;
  readonly feedsMarketData: boolean;
}

export interface BrokerLoginOptions {
  readonly database: Database;
  readonly vault: SessionVault;
  readonly clock: Clock;
  readonly broker: AlgolabConfig;
  /** Least time between two calls of a customer. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/**
 * Logs users in at the broker. Passwords and codes pass through; only sealed tokens, hashes and keys stay. Until the SMS
 * code has proven whose customer number it is, nothing but the log-in itself is kept: neither the account nor its session
 * is touched.
 */
export class BrokerLogin {
  private readonly slots: CallSlots;

  constructor(private readonly options: BrokerLoginOptions) {
    const { database, intervalMs, timeoutMs } = options;
    this.slots = new CallSlots(database, intervalMs, timeoutMs);
  }

  /** Has the broker send an SMS code. @throws Problem */
  async start(userId: string, credentials: Credentials): Promise<BrokerStatus> {
    const { database, vault, clock } = this.options;
    const { username, password, apiKey: given, subAccount, feedsMarketData } = credentials;
    if (given !== undefined) refuseMalformed(given);
    const customerHash = vault.fingerprint(username);
    const { stored, isOwner, now } = await database.as({ userId }, async (tx) => {
      if (await isSuspended(tx, userId)) throw notActive();
      const isOwner = await hasProven(tx, userId, customerHash);
      return { stored: await findApiKey(tx, userId), isOwner, now: await databaseTime(tx) };
    });
    const apiKey = given ?? (stored && this.opened(userId, stored));
    const transport = this.transport(apiKey);
    const caller = { userId, customerHash, isOwner };
    const token = await this.atBroker(caller, () => new AlgolabLogin(transport).start(username, password));
    const loginId = randomUUID();
    const expiresAt = new Date(clock.now() + pendingMs);
    await database.as({ userId }, (tx) =>
      storeLogin(tx, {
        loginId,
        userId,
        customerHash,
        token: vault.seal(loginId, token),
        apiKey: apiKey === undefined ? undefined : vault.seal(loginId, apiKey),
        apiKeyGivenAt: given === undefined ? undefined : now,
        subAccount,
        feedsMarketData,
        expiresAt,
      }),
    );
    return { ...loggedOut, state: "AWAITING_CODE", expiresAt };
  }

  /** Ends a login with the code of the SMS: from here on the customer's account is the user's. @throws Problem */
  async confirm(userId: string, code: string): Promise<BrokerStatus> {
    const { database, vault } = this.options;
    const { pending, isOwner } = await database.as({ userId }, async (tx) => {
      if (await isSuspended(tx, userId)) throw notActive();
      const pending = await pendingLogin(tx, userId);
      return { pending, isOwner: pending !== undefined && (await hasProven(tx, userId, pending.customerHash)) };
    });
    if (pending === undefined) throw conflict("NO_LOGIN_PENDING", "no login waits for a code; log in first");
    const { loginId, customerHash } = pending;
    const apiKey = pending.apiKey && vault.open(loginId, pending.apiKey);
    const transport = this.transport(apiKey);
    const token = vault.open(loginId, pending.token);
    const caller = { userId, customerHash, isOwner };
    const hash = await this.atBroker(caller, () => new AlgolabLogin(transport).confirm(token, code));
    // What cannot be counted now costs a call that the broker takes for too early; the log-in matters more.
    if (!isOwner) await this.slots.adopt(customerHash).catch(() => undefined);
    await this.keep({ pending, hash, apiKey, sessionId: randomUUID() });
    const status = await this.status(userId);
    if (status.state !== "AWAITING_SUB_ACCOUNT" || status.subAccountProblem !== undefined) return status;
    // What cannot be had now is fetched later: the session stays.
    await readView(database, userId, "SUB_ACCOUNTS", 0).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
    });
    return this.status(userId);
  }

  async status(userId: string): Promise<BrokerStatus> {
    return this.options.database.as({ userId }, async (tx) => {
      const account = await accountOfUser(tx, userId);
      const active = account && (await activeSession(tx, account.accountId));
      const subAccount = account?.subAccount;
      if (active) {
        const { expiresAt, lastRefreshAt, webSocketConnected: streaming, wantedSubAccount, subAccountProblem } = active;
        const state = wantedSubAccount === undefined ? "LOGGED_IN" : "AWAITING_SUB_ACCOUNT";
        return { state, expiresAt, lastRefreshAt, streaming, subAccount, wantedSubAccount, subAccountProblem };
      }
      const pending = await pendingLogin(tx, userId);
      if (pending) return { ...loggedOut, state: "AWAITING_CODE", expiresAt: pending.expiresAt, subAccount };
      return { ...loggedOut, subAccount };
    });
  }

  /** Forgets the session here; the broker offers no way to end it there, so it runs out by itself. */
  async logout(userId: string): Promise<void> {
    await this.options.database.as({ userId }, async (tx) => {
      const account = await accountOfUser(tx, userId);
      const active = account && (await activeSession(tx, account.accountId));
      if (active === undefined) return;
      await endSession(tx, active.sessionId, "LOGOUT");
      announce(tx, sessionChannel);
    });
  }

  /** Keeps an API key for a user's next log-ins; a session that is open goes on with its own. @throws Problem */
  async giveApiKey(userId: string, apiKey: string): Promise<void> {
    refuseMalformed(apiKey);
    const { database, vault } = this.options;
    await database.as("system", async (tx) =>
      storeApiKey(tx, userId, vault.seal(userId, apiKey), await databaseTime(tx)),
    );
  }

  /** @throws Problem */
  async forgetApiKey(userId: string): Promise<void> {
    const found = await this.options.database.as("system", (tx) => deleteApiKey(tx, userId));
    if (!found) throw notFound("API_KEY_NOT_FOUND", "no API key is kept for this user");
  }

  /** A key that was sealed with another secret is none: its owner is asked for it again. */
  private opened(userId: string, sealed: Buffer): string | undefined {
    try {
      return this.options.vault.open(userId, sealed);
    } catch {
      return undefined;
    }
  }

  /** Keeps what was proven: the broker gives a hash once, so that trouble of the database must not lose it. */
  private async keep(proven: ProvenLogin): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.options.database.as("system", (tx) => this.open(tx, proven));
        return;
      } catch (error) {
        if (error instanceof Problem || attempt === keepAgain.times) throw error;
        await sleep(backoffMs(keepAgain, attempt));
      }
    }
  }

  /** The number is proven: makes the account the user's and the session the account's. */
  private async open(tx: PoolClient, { pending, hash, apiKey, sessionId }: ProvenLogin): Promise<void> {
    const { vault, clock } = this.options;
    const { userId, subAccount, apiKeyGivenAt } = pending;
    if (await isSuspended(tx, userId)) throw notActive();
    if (!(await takeLogin(tx, pending))) {
      const own = await accountOfUser(tx, userId);
      const active = own && (await activeSession(tx, own.accountId));
      // It was committed before, and the answer was lost.
      if (active?.sessionId === sessionId) return;
      throw conflict("NO_LOGIN_PENDING", "a newer login took this one's place");
    }
    const account = await claimAccount(tx, pending);
    if (typeof account === "string") throw refusals[account]();
    const expiresAt = new Date(clock.now() + sessionMs);
    const seal = (text: string) => vault.seal(sessionId, text);
    const sealedKey = apiKey === undefined ? undefined : seal(apiKey);
    const { accountId } = account;
    // A login that names none goes on waiting for what the one before named.
    const named = subAccount ?? (await unlistedSubAccount(tx, account));
    const wantedSubAccount = named === account.subAccount ? undefined : named;
    await replaceSession(tx, {
      ...{ sessionId, accountId, userId, hash: seal(hash), apiKey: sealedKey, expiresAt },
      wantedSubAccount,
    });
    if (apiKey !== undefined && apiKeyGivenAt) {
      await storeApiKey(tx, userId, vault.seal(userId, apiKey), apiKeyGivenAt);
    }
    if (wantedSubAccount === "") await settleWantedSubAccount(tx, account, []);
    else if (wantedSubAccount !== undefined) await requestViews(tx, account, ["SUB_ACCOUNTS"]);
    announce(tx, sessionChannel);
  }

  /** @throws Problem when there is no key to call the broker with */
  private transport(apiKey: string | undefined): TransportOptions {
    const { broker, timeoutMs } = this.options;
    const key = apiKey ?? broker.apiKey;
    if (key === undefined) {
      throw unprocessable(
        "API_KEY_REQUIRED",
        "the broker wants the customer's API key; give it with the login as apiKey",
      );
    }
    return { ...broker, apiKey: key, timeoutMs };
  }

  private async atBroker<T>({ userId, customerHash, isOwner }: Caller, call: () => Promise<T>): Promise<T> {
    try {
      if (isOwner) return await this.slots.run(customerHash, { patienceMs, isFirst: true }, call);
      const aside = createHash("sha256").update(customerHash).update(userId).digest();
      return await this.slots.runAside(customerHash, { aside, patienceMs }, call);
    } catch (error) {
      if (error instanceof CallsBusy) throw busy(error.retryMs);
      if (!(error instanceof AlgolabError)) throw error;
      if (error.failure === "REFUSED" || error.failure === "SESSION_EXPIRED") {
        throw unauthorized("BROKER_REFUSED_LOGIN", "the broker did not accept this login");
      }
      if (error.failure === "TOO_FREQUENT") throw busy(this.options.intervalMs);
      if (error.failure === "UNREADABLE") throw unreadableAnswer(error);
      throw unavailable("BROKER_UNAVAILABLE", "the broker does not answer", { retryAfterSeconds: 10, cause: error });
    }
  }
}

/** Whose log-in a call is of. Who types another's number is not to hold up the owner, nor others who type it. */
interface Caller {
  readonly userId: string;
  readonly customerHash: Buffer;
  readonly isOwner: boolean;
}

/** A log-in whose code the broker accepted. */
interface ProvenLogin {
  readonly pending: PendingLogin;
  readonly hash: string;
  readonly apiKey: string | undefined;
  readonly sessionId: string;
}

const loggedOut: BrokerStatus = {
  state: "LOGGED_OUT",
  expiresAt: undefined,
  lastRefreshAt: undefined,
  streaming: false,
  subAccount: undefined,
  wantedSubAccount: undefined,
  subAccountProblem: undefined,
};

const busy = (retryMs: number) => {
  const seconds = Math.max(1, Math.ceil(retryMs / 1000));
  return tooManyRequests("BROKER_BUSY", `other calls for this customer go first; try again in ${seconds} s`, seconds);
};

const refusals: Readonly<Record<ClaimRefusal, () => Error>> = {
  OTHER_CUSTOMER: () => conflict("OTHER_BROKER_ACCOUNT", "another customer number belongs to this user"),
  OTHER_USER: () => conflict("BROKER_ACCOUNT_TAKEN", "this customer number belongs to another user, who has proven it"),
};

/** @throws Problem without the key */
function refuseMalformed(apiKey: string): void {
  try {
    assertApiKey(apiKey);
  } catch (error) {
    throw unprocessable("INVALID_API_KEY", (error as Error).message);
  }
}
