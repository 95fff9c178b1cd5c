import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

const nonceBytes = 12;
const tagBytes = 16;

/**
 * Seals what must not be read from the database: tokens and hashes of broker sessions (AES-256-GCM), and customer
 * numbers (HMAC-SHA-256). Each use has a key of its own, derived from one secret.
 */
export class SessionVault {
  private readonly sealingKey: Buffer;
  private readonly hashingKey: Buffer;

  /** @param secret at least 32 characters, the same in every service that reads sessions */
  constructor(secret: string) {
    const derive = (use: string) => Buffer.from(hkdfSync("sha256", secret, "", use, 32));
    this.sealingKey = derive("algolab session sealing");
    this.hashingKey = derive("algolab customer hashing");
  }

  /** @param owner id of the session, without which the result cannot be opened: rows cannot be swapped */
  seal(owner: string, text: string): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.sealingKey, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws when the bytes were not sealed with this secret for this owner */
  open(owner: string, sealed: Buffer): string {
    const decipher = createDecipheriv("aes-256-gcm", this.sealingKey, sealed.subarray(0, nonceBytes))
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
    const opened = Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
    return opened.toString("utf8");
  }

  /** A fingerprint that is the same for the same customer and reveals nothing else. */
  fingerprint(customer: string): Buffer {
    return createHmac("sha256", this.hashingKey).update(customer).digest();
  }
}
