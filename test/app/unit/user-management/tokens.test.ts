import { generateKeyPairSync } from "node:crypto";
import { jwtVerify } from "jose";
import { systemClock } from "../../../../app/packages/kit/clock";
import { AccessTokens, keySet, ownKeys } from "../../../../app/services/user-management/crypto/access-tokens";
import { signingKeyFromPem, signingKeyFromSecret } from "../../../../app/services/user-management/crypto/signing-keys";
import type { SigningKey } from "../../../../app/services/user-management/crypto/signing-keys";

const secret = "a secret of at least thirty-two characters";
const issue = (key: SigningKey) =>
  new AccessTokens(key, { issuer: "i", audience: "a" }, 900_000, systemClock).issue("user", "session", ["USER"]);
const pem = (namedCurve: string) =>
  generateKeyPairSync("ec", { namedCurve }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("signing keys", () => {
  test("are the same on every replica that has the same secret", () => {
    expect(signingKeyFromSecret(secret).publicJwk).toEqual(signingKeyFromSecret(secret).publicJwk);
    expect(signingKeyFromSecret(`${secret}.`).id).not.toBe(signingKeyFromSecret(secret).id);
  });

  test("publish nothing private", () => {
    for (const key of [signingKeyFromSecret(secret), signingKeyFromPem(pem("P-256"))])
      expect(Object.keys(key.publicJwk)).not.toContain("d");
  });

  test("check what they signed, also after another has taken over", async () => {
    const before = signingKeyFromSecret(secret);
    const after = signingKeyFromPem(pem("P-256"));
    const { token } = await issue(before);
    const { protectedHeader } = await jwtVerify(token, ownKeys([after, before]), { issuer: "i", audience: "a" });
    expect(protectedHeader).toEqual({ alg: "EdDSA", kid: before.id, typ: "at+jwt" });
    await expect(jwtVerify(token, ownKeys([after]))).rejects.toThrow();
    expect(keySet([after, before]).keys.map(({ alg }) => alg)).toEqual(["ES256", "EdDSA"]);
  });

  test("of a kind that signs nothing here are refused", () => {
    expect(() => signingKeyFromPem(pem("secp384r1"))).toThrow(/P-384 key; expected Ed25519 or P-256/);
    expect(() => signingKeyFromPem("not a key")).toThrow(/JWT_PRIVATE_KEY is not a private key/);
  });
});
