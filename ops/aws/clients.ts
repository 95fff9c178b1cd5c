import type { Environment } from "../../config";

const EMULATORS_WORD = "test";

/** What every client of the SDK is made with. */
export interface ClientOptions {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * The SDK's own way to credentials for AWS. An emulator takes the account's number for a key, and knows this word to hold
 * signed addresses against.
 */
export function clientOptions({ aws }: Environment): ClientOptions {
  const { region, accountId, emulator } = aws;
  if (emulator === undefined) return { region };
  return { region, endpoint: emulator, credentials: { accessKeyId: accountId, secretAccessKey: EMULATORS_WORD } };
}
