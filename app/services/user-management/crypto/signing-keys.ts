import { createHash, createPrivateKey, createPublicKey, hkdfSync } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { ConfigProblem } from "../../../packages/kit/config/read";

/** A key pair that signs tokens. Only its public half leaves the process. */
export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly id: string;
  readonly algorithm: "EdDSA" | "ES256";
  readonly privateKey: KeyObject;
  /** As published in the JWKS. */
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

/** RFC 8410: an Ed25519 private key in PKCS #8 is these bytes and its 32-byte seed. */
const ed25519Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The key pair that a secret stands for: the same secret gives every replica the same keys, without a key file and
 * without any other service knowing the secret.
 */
export function signingKeyFromSecret(secret: string): SigningKey {
  const seed = Buffer.from(
    hkdfSync("sha256", secret, "bist-trading-platform", "access token signing key, Ed25519", 32),
  );
  return signingKey(createPrivateKey({ key: Buffer.concat([ed25519Prefix, seed]), format: "der", type: "pkcs8" }));
}

/** @throws ConfigProblem when the text is no private key of a kind that signs here */
export function signingKeyFromPem(pem: string): SigningKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new ConfigProblem("JWT_PRIVATE_KEY is not a private key; expected PEM (PKCS #8)");
  }
  return signingKey(key);
}

function signingKey(privateKey: KeyObject): SigningKey {
  const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: "jwk" });
  const algorithm = algorithmOf(kty, crv);
  const required = { crv, kty, x, ...(y === undefined ? {} : { y }) };
  const id = createHash("sha256").update(JSON.stringify(required)).digest("base64url");
  return { id, algorithm, privateKey, publicJwk: { ...required, kid: id, alg: algorithm, use: "sig" } };
}

function algorithmOf(kty: JsonWebKey["kty"], crv: JsonWebKey["crv"]): SigningKey["algorithm"] {
  if (kty === "OKP" && crv === "Ed25519") return "EdDSA";
  if (kty === "EC" && crv === "P-256") return "ES256";
  throw new ConfigProblem(`JWT_PRIVATE_KEY is a ${crv ?? kty ?? "unknown"} key; expected Ed25519 or P-256`);
}
