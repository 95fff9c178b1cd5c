import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { ConfigProblem } from "../../../packages/kit/config/read";
import type { Sealed } from "../domain/user";

export interface EncryptionKey {
  /** Names the key beside each value that it encrypted. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

const nonceBytes = 12;
const tagBytes = 16;

/** @param text `2026:<base64>,2025:<base64>` @throws ConfigProblem, which repeats none of it */
export function parseEncryptionKeys(text: string): readonly EncryptionKey[] {
  const keys = text.split(",").map((entry, index) => {
    const [, id, base64] = /^\s*([\w-]{1,32}):([A-Za-z0-9+/]{43}=)\s*$/.exec(entry) ?? [];
    if (id === undefined || base64 === undefined)
      throw new ConfigProblem(
        `DATA_ENCRYPTION_KEYS: entry ${index + 1} is not usable; expected id:base64 of exactly 32 bytes`,
      );
    return { id, key: Buffer.from(base64, "base64") };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    throw new ConfigProblem("DATA_ENCRYPTION_KEYS names an id twice; each key has an id of its own");
  return keys;
}

/**
 * Encrypts personal data with AES-256-GCM under the current of several keys, each value bound to its owner, so that
 * rows cannot be swapped.
 */
export class PersonalDataVault {
  private readonly keys: ReadonlyMap<string, Buffer>;
  /** Id of the key that encrypts from now on. */
  readonly currentKeyId: string;

  /** @param keys at least one, the current one first */
  constructor(keys: readonly EncryptionKey[]) {
    const [current] = keys;
    if (current === undefined) throw new Error("a vault needs at least one key");
    this.currentKeyId = current.id;
    this.keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  seal(owner: string, text: string): Sealed {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.key(this.currentKeyId), nonce).setAAD(Buffer.from(owner));
    const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return { keyId: this.currentKeyId, bytes: Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]) };
  }

  /** @throws when the key is unknown, the owner is another, or the bytes were changed */
  open(owner: string, { keyId, bytes }: Sealed): string {
    const decipher = createDecipheriv("aes-256-gcm", this.key(keyId), bytes.subarray(0, nonceBytes))
      .setAAD(Buffer.from(owner))
      .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString("utf8");
  }

  private key(id: string): Buffer {
    const key = this.keys.get(id);
    if (key === undefined) throw new Error(`encryption key ${id} is not configured; add it to DATA_ENCRYPTION_KEYS`);
    return key;
  }
}

/** A keyed hash by which a value is found, and from which it is not guessed. Each purpose has a key of its own. */
export function lookupHash(secret: string, purpose: "tckn" | "email", value: string): Buffer {
  const key = Buffer.from(hkdfSync("sha256", secret, "bist-trading-platform", `lookup of ${purpose}`, 32));
  return createHmac("sha256", key).update(value).digest();
}
