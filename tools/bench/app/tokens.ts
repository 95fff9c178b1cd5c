import { randomUUID } from "node:crypto";
import { systemClock } from "../../../app/packages/kit/clock";
import { AccessTokens } from "../../../app/services/user-management/crypto/access-tokens";
import { signingKeyFromSecret } from "../../../app/services/user-management/crypto/signing-keys";

const lifetimeMs = 3_600_000;

/** Access tokens as user-management issues them, for callers that never signed in. */
export class Tokens {
  private readonly issuer: AccessTokens;

  /** @param secret user-management's JWT_SECRET */
  constructor(secret: string) {
    const names = { issuer: "bist-trading-platform", audience: "bist-trading-users" };
    this.issuer = new AccessTokens(signingKeyFromSecret(secret), names, lifetimeMs, systemClock);
  }

  /** Tokens of so many traders. */
  async issue(count: number): Promise<readonly string[]> {
    const issued = Array.from({ length: count }, () => this.issuer.issue(randomUUID(), randomUUID(), ["TRADER"]));
    return (await Promise.all(issued)).map(({ token }) => token);
  }
}
