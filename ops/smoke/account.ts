import { randomBytes } from "node:crypto";
import { CreateSecretCommand, GetSecretValueCommand, ResourceNotFoundException } from "@aws-sdk/client-secrets-manager";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";

const credentials = z.strictObject({ email: z.email(), password: z.string() });
export type Credentials = Readonly<z.infer<typeof credentials>>;

const PASSWORD_BYTES = 24;

/** The account that smoke tests sign in with, made up when first asked for and kept with the platform's secrets. */
export class SmokeAccount {
  constructor(
    private readonly client: SecretsManagerClient,
    private readonly prefix: string,
    private readonly domain: string,
  ) {}

  async credentials(): Promise<Credentials> {
    const SecretId = `${this.prefix}/smoke-account`;
    try {
      const { SecretString = "" } = await this.client.send(new GetSecretValueCommand({ SecretId }));
      return credentials.parse(JSON.parse(SecretString));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
    const made = { email: `smoke-test@${this.domain}`, password: randomBytes(PASSWORD_BYTES).toString("base64url") };
    await this.client.send(
      new CreateSecretCommand({
        Name: SecretId,
        Description: "The account that smoke tests sign in with; a trader without an account at the broker",
        SecretString: JSON.stringify(made),
      }),
    );
    return made;
  }
}
