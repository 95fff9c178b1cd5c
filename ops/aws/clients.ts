import type { Environment } from "../../config";

/** What every client of the SDK is made with. */
export interface ClientOptions {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The SDK's own way to credentials for AWS; an emulator takes the account's number for them. */
export function clientOptions({ aws }: Environment): ClientOptions {
  const { region, accountId, emulator } = aws;
  if (emulator === undefined) return { region };
  return { region, endpoint: emulator, credentials: { accessKeyId: accountId, secretAccessKey: "emulator" } };
}
