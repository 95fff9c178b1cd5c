import { createCipheriv, createDecipheriv, createHash } from "node:crypto";

/** The host that every Checker is made with, whichever address the call goes to. */
const checkerHost = "https://www.algolab.com.tr";
const initializationVector = Buffer.alloc(16);

/** Nothing else may be in a key: it is sent as a header, and an error about a header repeats it. */
const apiKeyForm = /^[A-Za-z]+-[0-9A-Za-z+/]{43}=?$/;

/** The 256-bit key inside an API key: base64 after the first dash of `API-...`. */
function keyOf(apiKey: string): Buffer {
  const key = Buffer.from(apiKey.slice(apiKey.indexOf("-") + 1), "base64");
  if (!apiKeyForm.test(apiKey) || key.length !== 32) {
    throw new RangeError("the AlgoLab API key is malformed; use API-<base64 of 32 bytes>, as the broker shows it");
  }
  return key;
}

/** Checks the form of an API key. @throws RangeError saying what would be right, without the key. */
export function assertApiKey(apiKey: string): void {
  keyOf(apiKey);
}

/** AES-256-CBC with an initialization vector of zeros and PKCS #7 padding, in base64: the broker's own choice. */
export function encrypt(apiKey: string, text: string): string {
  const cipher = createCipheriv("aes-256-cbc", keyOf(apiKey), initializationVector);
  return Buffer.concat([cipher.update(text, "utf8"), cipher.final()]).toString("base64");
}

/** What `encrypt` was given. @throws when the text was not made with this key. */
export function decrypt(apiKey: string, text: string): string {
  const decipher = createDecipheriv("aes-256-cbc", keyOf(apiKey), initializationVector);
  return Buffer.concat([decipher.update(text, "base64"), decipher.final()]).toString("utf8");
}

/**
 * The signature of a call: SHA-256 over key, host, path and body without white space.
 * @param path `/api/<Endpoint>`: one `/api`, although the wire path has two
 * @param body the JSON as sent; "" for an empty object
 */
export function checker(apiKey: string, path: string, body: string): string {
  return createHash("sha256")
    .update(apiKey + checkerHost + path + body.replace(/\s/g, ""))
    .digest("hex");
}

/** The signature of the WebSocket's opening request. */
export function socketChecker(apiKey: string): string {
  return checker(apiKey, "/ws", "");
}
