import { randomBytes } from "node:crypto";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { Environment } from "../../config";
import { applicationSecrets } from "../../config/application-secrets";

/** What an operator would put in: here, an account that only the simulated broker knows. Both names are of one code. */
function account(): string {
  const code = `API-${randomBytes(32).toString("base64")}`;
  return JSON.stringify({ apiKey: code, apiCode: code });
}

/**
 * Puts a value into each secret that waits for an operator's, unless it has one.
 *
 * @param endpoint address of the AWS emulator
 * @returns names of the secrets that got one
 */
export async function putOperatorSecrets(endpoint: string, environment: Environment): Promise<readonly string[]> {
  const client = emulatorClient(endpoint, environment);
  const names = Object.values(applicationSecrets)
    .filter((row) => !("generated" in row))
    .map(({ path }) => `${environment.prefix}/${path}`);
  const put: string[] = [];
  for (const name of names) {
    if ((await valueOf(client, name)) !== undefined) continue;
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: account() }));
    put.push(name);
  }
  client.destroy();
  return put;
}

/** The emulator's Secrets Manager, in the environment's account. */
export function emulatorClient(endpoint: string, { aws }: Pick<Environment, "aws">): SecretsManagerClient {
  // To the emulator the access key is the account.
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: "none" };
  return new SecretsManagerClient({ endpoint, region: aws.region, credentials });
}

/** A secret's value in force; undefined until one is put in. */
async function valueOf(client: SecretsManagerClient, name: string): Promise<string | undefined> {
  try {
    const { SecretString: value } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return value === "" ? undefined : value;
  } catch (error) {
    // The secret is there, and has no value.
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
