import { Construct } from "constructs";
import { databaseRoles } from "../../app/packages/contract/database";
import type { EncryptionKey } from "../encryption/encryption-key";
import type { Protection } from "../support/protection";
import { GeneratedSecret, type GeneratedValue } from "./generated-secret";
import { PlatformSecret } from "./platform-secret";

interface SecretRow {
  /** Below the environment's prefix. */
  readonly path: string;
  readonly description: string;
  /** Absent where an operator puts the value in. */
  readonly generated?: GeneratedValue;
}

const databaseRole = (username: string): GeneratedValue => ({
  fixed: { username },
  random: { password: { length: 48, alphabet: "alphanumeric" } },
  version: 1,
});

/** 256 bits. */
const key = { length: 64, alphabet: "hexadecimal" } as const;

/** Every secret of the application, row by row; each is a JSON object. */
export const applicationSecrets = {
  databaseApplication: {
    path: "database/application",
    description: "Database role of the services",
    generated: databaseRole(databaseRoles.application),
  },
  databaseMigrations: {
    path: "database/migrations",
    description: "Database role that owns the schema and migrates it",
    generated: databaseRole(databaseRoles.migrations),
  },
  databaseReadonly: {
    path: "database/readonly",
    description: "Database role for reporting",
    generated: databaseRole(databaseRoles.readonly),
  },
  jwt: {
    path: "jwt",
    description: "What access tokens are signed with",
    generated: { random: { secret: { length: 64, alphabet: "alphanumeric" } }, version: 1 },
  },
  encryption: {
    path: "encryption",
    description: "Keys of personal data. A new version makes what is encrypted unreadable: re-encrypt it first",
    generated: { random: { encryptionKey: key, hashKey: key }, version: 1 },
  },
  algolab: {
    path: "algolab",
    description: "AlgoLab account, put in by an operator: apiUrl, apiKey and apiCode",
  },
} as const satisfies Record<string, SecretRow>;

export type SecretName = keyof typeof applicationSecrets;

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
      const props = { name: `${prefix}/${path}`, description, key, protection };
      const child = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      const secret =
        generated === undefined
          ? new PlatformSecret(this, child, props)
          : new GeneratedSecret(this, child, { ...props, ...generated });
      return { arn: secret.arn, name: secret.name };
    };
    const rows = Object.entries(applicationSecrets) as [SecretName, SecretRow][];
    this.references = Object.fromEntries(rows.map(([name, row]) => [name, declare(name, row)])) as Record<
      SecretName,
      SecretReference
    >;
  }
}
