import { Construct } from "constructs";
import { databaseUsers } from "../../../app/packages/contract/database";
import type { EncryptionKey } from "../encryption/encryption-key";
import type { Protection } from "../../support/protection";
import { GeneratedSecret, type GeneratedValue } from "./generated-secret";
import { PlatformSecret } from "./platform-secret";

interface SecretRow {
  /** Below the environment's prefix. */
  readonly path: string;
  readonly description: string;
  /** Absent where an operator puts the value in. */
  readonly generated?: GeneratedValue;
}

const databaseUser = (username: string): GeneratedValue => ({
  fixed: { username },
  random: { password: { length: 48 } },
  version: 1,
});

/** 43 letters and digits and the padding are 32 bytes of base64, about 254 random bits: one AES-256 key. */
const encryptionKey = { length: 43, format: (text: string) => `1:${text}=` };

/** Every secret of the application, row by row; each is a JSON object. */
export const applicationSecrets = {
  databaseApplication: {
    path: "database/application",
    description: "Database user of the services",
    generated: databaseUser(databaseUsers.application),
  },
  databaseReadonly: {
    path: "database/readonly",
    description: "Database user for reporting",
    generated: databaseUser(databaseUsers.readonly),
  },
  jwt: {
    path: "jwt",
    description: "What the key that signs access tokens is derived from, and the one before",
    // There is none before the first: `ops rotate jwt` puts it there.
    generated: { fixed: { previous: "" }, random: { secret: { length: 64 } }, version: 1 },
  },
  encryption: {
    path: "encryption",
    description:
      "Keys of personal data, id:base64. Rotate by hand: put a new key before the old ones, which must stay to decrypt",
    generated: { random: { encryptionKeys: encryptionKey, lookupSecret: { length: 64 } }, version: 1 },
  },
  algolab: {
    path: "algolab",
    description: "AlgoLab account, put in by an operator: apiKey and apiCode",
  },
  algolabSessions: {
    path: "algolab-sessions",
    description: "What sessions at AlgoLab are sealed with, for market-data and broker-integration together",
    generated: { random: { secret: { length: 64 } }, version: 1 },
  },
  grafana: {
    path: "grafana",
    description: "Administrator of Grafana",
    generated: { fixed: { username: "admin" }, random: { password: { length: 32 } }, version: 1 },
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
