import { randomUUID } from "node:crypto";
import { createLocalJWKSet, SignJWT } from "jose";
import type { JSONWebKeySet, JWTVerifyGetKey } from "jose";
import { authoritiesOf } from "../../../packages/contract/authorities";
import type { Role } from "../../../packages/contract/authorities";
import { accessTokenType } from "../../../packages/kit/auth/verifier";
import type { Clock } from "../../../packages/kit/clock";
import type { TokenConfig } from "../../../packages/kit/config/sections";
import type { SigningKey } from "./signing-keys";

/** What the public may know of the keys: the body of /.well-known/jwks.json. */
export const keySet = (keys: readonly SigningKey[]): JSONWebKeySet => ({
  keys: keys.map(({ publicJwk }) => publicJwk),
});

/** The issuer's own keys, with which this service checks tokens without asking itself over HTTP. */
export const ownKeys = (keys: readonly SigningKey[]): JWTVerifyGetKey => createLocalJWKSet(keySet(keys));

export interface AccessToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Issues access tokens: who, in which session, with which roles and authorities, for how long. */
export class AccessTokens {
  constructor(
    private readonly key: SigningKey,
    private readonly config: Pick<TokenConfig, "issuer" | "audience">,
    private readonly lifetimeMs: number,
    private readonly clock: Clock,
  ) {}

  async issue(userId: string, sessionId: string, roles: readonly Role[]): Promise<AccessToken> {
    const issuedAt = Math.floor(this.clock.now() / 1000);
    const expiresAt = issuedAt + Math.floor(this.lifetimeMs / 1000);
    const token = await new SignJWT({ sid: sessionId, roles, authorities: authoritiesOf(roles) })
      .setProtectedHeader({ alg: this.key.algorithm, kid: this.key.id, typ: accessTokenType })
      .setIssuer(this.config.issuer)
      .setAudience(this.config.audience)
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.key.privateKey);
    return { token, expiresAt: expiresAt * 1000 };
  }
}
