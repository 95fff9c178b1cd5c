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

/** The secrets of an environment; those that not every one has may be missing. */
export type SecretReferences = Readonly<
  Record<Exclude<SecretName, "timeSeriesOwner">, SecretReference> & { timeSeriesOwner?: SecretReference }
>;

export interface ApplicationSecretsProps {
  /** Starts every secret's path, for example `bist-trading-prod`. */
  readonly prefix: string;
  /** Those that the environment has. */
  readonly names: readonly SecretName[];
  readonly key: EncryptionKey;
  readonly protection: Protection;
}

/** The application's secrets, each generated once or left for an operator, as the table says. */
export class ApplicationSecrets extends Construct {
  readonly references: SecretReferences;

  constructor(scope: Construct, id: string, { prefix, names, key, protection }: ApplicationSecretsProps) {
    super(scope, id);
    const declare = (name: SecretName): SecretReference => {
      const { path, description, generated }: SecretRow = applicationSecrets[name];
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
    // The compiler does not follow names through Object.fromEntries; every one that is asked for is declared.
    this.references = Object.fromEntries(names.map((name) => [name, declare(name)])) as unknown as SecretReferences;
  }
}
