import { randomUUID } from "node:crypto";
import type { Role } from "../../../packages/contract/authorities";
import { violates } from "../../../packages/kit/database/database";
import { badRequest, conflict, notFound, unauthorized, unprocessable } from "../../../packages/kit/http/problem";
import type { Kit } from "../../../packages/kit/service";
import { lookupHash } from "../crypto/personal-data-vault";
import type { PersonalDataVault } from "../crypto/personal-data-vault";
import { hashPassword, verifyPassword } from "../crypto/password-hashing";
import { passwordProblem } from "../domain/password-policy";
import type { PasswordOwner } from "../domain/password-policy";
import type { Device } from "../domain/session";
import { isTckn, maskTckn } from "../domain/tckn";
import type { NewUser, User, UserStatus } from "../domain/user";
import { recordEvent } from "../store/security-events";
import type { Intervention } from "../store/security-events";
import { endSessions } from "../store/sessions";
import * as store from "../store/users";
import type { OrderCounts } from "../store/users";

export interface Registration extends PasswordOwner {
  readonly password: string;
  readonly phoneNumber?: string;
  readonly tckn?: string;
}

export interface Profile extends User {
  /** All but the last digits hidden. */
  readonly maskedTckn: string | undefined;
}

/** What users do with their accounts. */
export class Accounts {
  constructor(
    private readonly kit: Kit,
    private readonly vault: PersonalDataVault,
    private readonly lookupSecret: string,
    private readonly rolesOfNewUsers: readonly Role[],
  ) {}

  /** @returns the id of the new user @throws Problem 409 ALREADY_REGISTERED, which does not say by what */
  async register(registration: Registration, device: Device): Promise<string> {
    const { password, tckn, firstName, lastName, phoneNumber } = registration;
    const email = registration.email.toLowerCase();
    refuseWeak(password, registration);
    if (tckn !== undefined && !isTckn(tckn))
      throw badRequest("INVALID_TCKN", "the identity number does not pass its own check digits");
    const userId = randomUUID();
    const user: NewUser = {
      userId,
      email,
      firstName,
      lastName,
      phoneNumber,
      roles: this.rolesOfNewUsers,
      passwordHash: await hashPassword(password),
      tckn: tckn === undefined ? undefined : this.sealTckn(userId, tckn),
    };
    try {
      await this.kit.database.as("system", async (tx) => {
        await store.insertUser(tx, user);
        await recordEvent(tx, userId, "REGISTERED", device.ipAddress);
      });
    } catch (error) {
      if (violates(error, "users_email_key") || violates(error, "user_secrets_tckn_hash_key"))
        throw conflict("ALREADY_REGISTERED", "the e-mail address or the identity number is registered already");
      throw error;
    }
    return userId;
  }

  async profile(userId: string): Promise<Profile> {
    return this.kit.database.as({ userId }, async (tx) => {
      const user = await store.findUser(tx, userId);
      if (user === undefined) throw noSuchUser();
      const sealed = await store.findTckn(tx, userId);
      if (sealed === undefined) return { ...user, maskedTckn: undefined };
      const tckn = this.vault.open(userId, sealed);
      // Moves the value to the current key when that has changed.
      if (sealed.keyId !== this.vault.currentKeyId) await store.updateTckn(tx, userId, this.vault.seal(userId, tckn));
      return { ...user, maskedTckn: maskTckn(tckn) };
    });
  }

  async updateProfile(userId: string, profile: Pick<User, "firstName" | "lastName" | "phoneNumber">): Promise<Profile> {
    const updated = await this.kit.database.as({ userId }, (tx) => store.updateProfile(tx, userId, profile));
    if (updated === undefined) throw noSuchUser();
    return this.profile(userId);
  }

  /** Ends every other session (ASVS 7.4.3). @throws Problem 401 WRONG_PASSWORD, 422 WEAK_PASSWORD */
  async changePassword(
    userId: string,
    sessionId: string | undefined,
    passwords: { readonly current: string; readonly next: string },
    device: Device,
  ): Promise<void> {
    const user = await this.confirm(userId, passwords.current);
    refuseWeak(passwords.next, user);
    const hashed = await hashPassword(passwords.next);
    await this.kit.database.as({ userId }, async (tx) => {
      await store.updatePassword(tx, userId, hashed);
      await endSessions(tx, userId, "PASSWORD_CHANGED", sessionId);
      await recordEvent(tx, userId, "PASSWORD_CHANGED", device.ipAddress);
    });
  }

  /** Ends the account and every session of it (ASVS 7.4.2). @throws Problem 401 WRONG_PASSWORD */
  async deactivate(userId: string, password: string, device: Device): Promise<void> {
    await this.confirm(userId, password);
    await this.kit.database.as({ userId }, async (tx) => {
      await store.deactivateUser(tx, userId);
      await endSessions(tx, userId, "DEACTIVATED");
      await recordEvent(tx, userId, "DEACTIVATED", device.ipAddress);
    });
  }

  /** Gives a user other roles; the user's sessions end, so that they hold at once (ASVS 8.3.2). */
  async setRoles(userId: string, roles: readonly Role[], device: Device): Promise<void> {
    const changed = await this.kit.database.as("system", async (tx) => {
      if (!(await store.updateRoles(tx, userId, roles))) return false;
      await endSessions(tx, userId, "TERMINATED");
      await recordEvent(tx, userId, "ROLES_CHANGED", device.ipAddress);
      return true;
    });
    if (!changed) throw noSuchUser();
  }

  /**
   * Suspends, deactivates or reactivates a user. Who is not active has no session, neither here nor at the broker, and
   * nothing more of it is sent there.
   * @returns the orders that were under way: those that were not sent are rejected, those at the broker stay there until
   * they are filled or the day ends
   */
  async setStatus(
    userId: string,
    status: UserStatus,
    intervention: Intervention,
    device: Device,
  ): Promise<OrderCounts> {
    return this.kit.database.as("system", async (tx) => {
      const before = await store.updateStatus(tx, userId, status);
      if (before === undefined) throw noSuchUser();
      if (before === "DEACTIVATED" && status !== "DEACTIVATED")
        throw conflict("USER_DEACTIVATED", "a deactivated user stays so; register another");
      if (before !== status) {
        if (status !== "ACTIVE") await endSessions(tx, userId, status);
        await recordEvent(tx, userId, status === "ACTIVE" ? "REACTIVATED" : status, device.ipAddress, intervention);
      }
      return store.countOrders(tx, userId);
    });
  }

  private async confirm(userId: string, password: string): Promise<User> {
    const found = await this.kit.database.as({ userId }, async (tx) => ({
      user: await store.findUser(tx, userId),
      passwordHash: await store.findPasswordHash(tx, userId),
    }));
    if (found.user === undefined || found.passwordHash === undefined) throw noSuchUser();
    if (!(await verifyPassword(password, found.passwordHash)))
      throw unauthorized("WRONG_PASSWORD", "the current password is wrong");
    return found.user;
  }

  private sealTckn(userId: string, tckn: string): NewUser["tckn"] {
    return { sealed: this.vault.seal(userId, tckn), hash: lookupHash(this.lookupSecret, "tckn", tckn) };
  }
}

const noSuchUser = () => notFound("USER_NOT_FOUND", "there is no such user");

function refuseWeak(password: string, owner: PasswordOwner): void {
  const problem = passwordProblem(password, owner);
  if (problem !== undefined) throw unprocessable("WEAK_PASSWORD", `the password will not do: ${problem}`);
}
