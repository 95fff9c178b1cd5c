import { networkLimits } from "../../app/packages/contract/network-limits";
import type { Environment } from "../../config";

const EMULATORS_WORD = "test";

/** What every client of the SDK is made with. */
export interface ClientOptions {
  readonly region: string;
  /** How long a call waits for a connection, and for the next byte. */
  readonly requestHandler: typeof networkLimits.aws;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * The SDK's own way to credentials for AWS. An emulator takes the account's number for a key, and knows this word to hold
 * signed addresses against.
 */
export function clientOptions({ aws }: Environment): ClientOptions {
  const { region, accountId, emulator } = aws;
  const requestHandler = networkLimits.aws;
  if (emulator === undefined) return { region, requestHandler };
  const credentials = { accessKeyId: accountId, secretAccessKey: EMULATORS_WORD };
  return { region, requestHandler, endpoint: emulator, credentials };
}
