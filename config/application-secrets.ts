import { databaseUsers } from "../app/packages/contract/database";
import type { Environment } from ".";

export interface RandomText {
  /** Letters and digits. */
  readonly length: number;
  /** What is written with the text in it. @default the text itself */
  readonly format?: (text: string) => string;
}

export interface GeneratedValue {
  /** What is generated, by its key in the secret's JSON. */
  readonly random: Readonly<Record<string, RandomText>>;
  /** What stands beside it and is no secret, a user name for example. @default nothing */
  readonly fixed?: Readonly<Record<string, string>>;
  /** A higher number generates the value anew at the next deploy; the same number never does. */
  readonly version: number;
}

/** A secret of the application. */
export interface SecretRow {
  /** Below the environment's prefix. */
  readonly path: string;
  readonly description: string;
  /** Absent where an operator puts the value in. */
  readonly generated?: GeneratedValue;
  /** There only where the time series have a server of their own. @default everywhere */
  readonly onlyWithTimescaledb?: true;
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
  timeSeriesOwner: {
    path: "database/time-series",
    description: "Owner of the time series' database, whose name is that of the database's master user",
    generated: { random: { password: { length: 48 } }, version: 1 },
    onlyWithTimescaledb: true,
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

/** The secrets of an environment. */
export function secretsOf({ timeSeries }: Pick<Environment, "timeSeries">): readonly SecretName[] {
  const rows = Object.entries(applicationSecrets) as [SecretName, SecretRow][];
  return rows
    .filter(([, { onlyWithTimescaledb }]) => onlyWithTimescaledb !== true || timeSeries.in === "timescaledb")
    .map(([name]) => name);
}
