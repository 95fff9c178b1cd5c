import { Construct } from "constructs";
import { applicationSecrets } from "../../../config/application-secrets";
import type { SecretName, SecretRow } from "../../../config/application-secrets";
import type { EncryptionKey } from "../encryption/encryption-key";
import type { Protection } from "../../support/protection";
import { GeneratedSecret } from "./generated-secret";
import { PlatformSecret } from "./platform-secret";

export interface SecretReference {
  readonly arn: string;
  readonly name: string;
}

export interface ApplicationSecretsProps {
  /** Starts every secret's path, for example `bist-trading-prod`. */
  readonly prefix: string;
  readonly key: EncryptionKey;
  readonly protection: Protection;
}

/** The application's secrets, each generated once or left for an operator, as the table says. */
export class ApplicationSecrets extends Construct {
  readonly references: Readonly<Record<SecretName, SecretReference>>;

  constructor(scope: Construct, id: string, { prefix, key, protection }: ApplicationSecretsProps) {
    super(scope, id);
    const declare = (name: SecretName, row: SecretRow): SecretReference => {
      const { path, description, generated } = row;
      const own = `${prefix}/${path}`;
      const child = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      const secret =
        generated === undefined
          ? new PlatformSecret(this, child, { name: own, description, key, protection })
          : new GeneratedSecret(this, child, {
              name: own,
              description,
              key,
              protection,
              random: generated.random,
              fixed: generated.fixed,
              version: generated.version,
            });
      return { arn: secret.arn, name: secret.name };
    };
    const rows = Object.entries(applicationSecrets) as [SecretName, SecretRow][];
    this.references = Object.fromEntries(rows.map(([name, row]) => [name, declare(name, row)])) as Record<
      SecretName,
      SecretReference
    >;
  }
}
