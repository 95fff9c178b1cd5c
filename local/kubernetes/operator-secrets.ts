import { randomBytes } from "node:crypto";
import { DescribeSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Environment } from "../../config";
import { applicationSecrets } from "../../constructs/secrets/application-secrets";

const random = () => randomBytes(32).toString("base64");

/** What an operator would put in: here, an account that only the simulated broker knows. */
const recipe = () => JSON.stringify({ apiKey: `API-${random()}`, apiCode: random() });

/**
 * Puts a value into each secret that waits for an operator's, unless it has one.
 *
 * @param endpoint address of the AWS emulator
 * @returns names of the secrets that got one
 */
export async function putOperatorSecrets(endpoint: string, { aws, prefix }: Environment): Promise<readonly string[]> {
  const client = new SecretsManagerClient({
    endpoint,
    region: aws.region,
    // To the emulator the access key is the account.
    credentials: { accessKeyId: aws.accountId, secretAccessKey: "none" },
  });
  const names = Object.values(applicationSecrets)
    .filter((row) => !("generated" in row))
    .map(({ path }) => `${prefix}/${path}`);
  const put: string[] = [];
  for (const name of names) {
    const { VersionIdsToStages: versions = {} } = await client.send(new DescribeSecretCommand({ SecretId: name }));
    if (Object.values(versions).flat().includes("AWSCURRENT")) continue;
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: recipe() }));
    put.push(name);
  }
  client.destroy();
  return put;
}
