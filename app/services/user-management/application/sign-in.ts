import { metrics as contract } from "../../../packages/contract/metrics";
import { forbidden, tooManyRequests, unauthorized } from "../../../packages/kit/http/problem";
import type { Problem } from "../../../packages/kit/http/problem";
import type { Kit } from "../../../packages/kit/service";
import { lookupHash } from "../crypto/personal-data-vault";
import { pretendToVerify, verifyPassword } from "../crypto/password-hashing";
import { countAfter, lockMs } from "../domain/lock-out";
import type { Device } from "../domain/session";
import type { Credentials } from "../domain/user";
import { clearFailures, lockFailures, saveFailures } from "../store/failures";
import { recordEvent } from "../store/security-events";
import { findCredentials } from "../store/users";
import type { Sessions, SignedIn } from "./sessions";

/** Failures that one address may collect in `addressWindowMs`, over all accounts. */
const addressFailures = 30;
const addressWindowMs = 15 * 60_000;

/**
 * Signs users in. Without a right password, users that exist and those that do not look the same: same answers, same
 * time, same locks. Attempts are counted before the password is checked, so that many at once do not slip through.
 */
export class SignIn {
  constructor(
    private readonly kit: Kit,
    private readonly sessions: Sessions,
    private readonly lookupSecret: string,
  ) {}

  /** @throws Problem 401 INVALID_CREDENTIALS, 403 ACCOUNT_NOT_ACTIVE, 429 ACCOUNT_LOCKED or TOO_MANY_FAILURES */
  async signIn(emailAsTyped: string, password: string, device: Device): Promise<SignedIn> {
    const email = emailAsTyped.toLowerCase();
    await this.refuseBusyAddress(device);
    const found = await this.kit.database.as("system", (tx) =>
      findCredentials(tx, email, device.ipAddress, new Date(this.kit.clock.now())),
    );
    const failuresKey = this.failuresKey(email, found, device);
    await this.countAttempt(failuresKey);
    const right = await (found === undefined
      ? pretendToVerify(password)
      : verifyPassword(password, found.passwordHash));
    if (found === undefined || !right) {
      await this.kit.cache.increment(addressKey(device), addressWindowMs);
      throw this.refusal("refused", unauthorized("INVALID_CREDENTIALS", "the e-mail address or the password is wrong"));
    }
    return this.admit(found, failuresKey, device);
  }

  private async admit({ user }: Credentials, failuresKey: Buffer, device: Device): Promise<SignedIn> {
    if (user.status !== "ACTIVE")
      throw this.refusal("not_active", forbidden("ACCOUNT_NOT_ACTIVE", `the account is ${user.status.toLowerCase()}`));
    const signedIn = await this.kit.database.as("system", async (tx) => {
      await clearFailures(tx, failuresKey);
      await recordEvent(tx, user.userId, "SIGNED_IN", device.ipAddress);
      return this.sessions.open(tx, user, device);
    });
    this.kit.metrics.counter(contract.logins).inc({ outcome: "succeeded" });
    return signedIn;
  }

  /**
   * Failures are counted by account. An address from which the user has signed in before has a count of its own, so
   * that failures elsewhere cannot lock the user out there.
   */
  private failuresKey(email: string, found: Credentials | undefined, { ipAddress }: Device): Buffer {
    return lookupHash(this.lookupSecret, "email", found?.knownAddress === true ? `${email} ${ipAddress}` : email);
  }

  private async countAttempt(key: Buffer): Promise<void> {
    const now = this.kit.clock.now();
    const lockedForMs = await this.kit.database.as("system", async (tx) => {
      const before = await lockFailures(tx, key);
      if (before.lockedUntil > now) return before.lockedUntil - now;
      const count = countAfter(before, now);
      await saveFailures(tx, key, { count, lastAt: now, lockedUntil: now + lockMs(count) });
      return 0;
    });
    if (lockedForMs > 0)
      throw this.refusal(
        "locked",
        tooManyRequests(
          "ACCOUNT_LOCKED",
          "too many failed attempts; wait and try again",
          Math.ceil(lockedForMs / 1000),
        ),
      );
  }

  private async refuseBusyAddress(device: Device): Promise<void> {
    const failures = Number((await this.kit.cache.get(addressKey(device))) ?? 0);
    if (failures >= addressFailures)
      throw this.refusal(
        "address_blocked",
        tooManyRequests("TOO_MANY_FAILURES", "too many failed attempts from this address", addressWindowMs / 1000),
      );
  }

  private refusal(outcome: string, problem: Problem): Problem {
    this.kit.metrics.counter(contract.logins).inc({ outcome });
    this.kit.log.info({ outcome }, "a sign-in was refused");
    return problem;
  }
}

const addressKey = ({ ipAddress }: Device) => `login-failures:${ipAddress}`;
