import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createLocalJWKSet, exportJWK, SignJWT } from "jose";
import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { authorities } from "../../../app/packages/contract/authorities";
import type { Authority } from "../../../app/packages/contract/authorities";

const keyId = "test-key";
const { privateKey, publicKey } = generateKeyPairSync("ed25519");

/** What the test issuer publishes: give it to `startTestService`. */
export const testKeys: JWTVerifyGetKey = async (header, token) =>
  createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: keyId, alg: "EdDSA" }] })(header, token);

export interface TestTokenOptions {
  /** @default a new user */
  readonly userId?: string;
  /** @default every one */
  readonly authorities?: readonly Authority[];
  readonly sessionId?: string;
  /** Claims that replace the right ones. */
  readonly claims?: JWTPayload;
  /** Members of the header that replace the right ones. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** An access token as user-management issues them, signed by the test issuer. */
export async function testToken(options: TestTokenOptions = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: "bist-trading-platform",
    aud: "bist-trading-users",
    sub: options.userId ?? randomUUID(),
    sid: options.sessionId ?? randomUUID(),
    iat: now,
    exp: now + 900,
    roles: ["TRADER"],
    authorities: options.authorities ?? authorities,
    ...options.claims,
  })
    .setProtectedHeader({ alg: "EdDSA", kid: keyId, typ: "at+jwt", ...options.header })
    .sign(privateKey);
}
