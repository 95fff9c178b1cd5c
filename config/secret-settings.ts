import { serviceKeys, services } from "../app/packages/contract/services";
import type { ServiceKey } from "../app/packages/contract/services";
import type { SecretName } from "./application-secrets";

/** Whose pods read a secret setting. */
export type Reader = ServiceKey | "databaseJobs" | "timeSeriesJobs";

/** What the copy for a reader is called; what it holds is in its Secret's name. */
export const copyNames = {
  userManagement: services.userManagement.name,
  marketData: services.marketData.name,
  brokerIntegration: services.brokerIntegration.name,
  databaseJobs: "database-jobs",
  timeSeriesJobs: "time-series-jobs",
} as const satisfies Record<Reader, string>;

/** Where a secret setting is kept: the application's own secrets, and two that the data stores bring. */
export type Source = SecretName | "cache" | "databaseOwner";

export interface SecretSetting {
  readonly source: Source;
  /** Where readers have it from who do not have it from there. @default nowhere else */
  readonly sourceOf?: Partial<Readonly<Record<Reader, Source>>>;
  /** Key in the secret's JSON. */
  readonly property: string;
  readonly readers: readonly Reader[];
  /** Delivered only where the environment says that it is there. @default everywhere */
  readonly onlyWith?: keyof SecretConditions;
}

/** What an environment says about secret settings that not every one has. */
export interface SecretConditions {
  /** The proxy before the broker asks for credentials. */
  readonly authenticatedProxy: boolean;
  /** The time series have a server of their own. */
  readonly timescaledb: boolean;
}

const brokerServices = ["marketData", "brokerIntegration"] as const;
const jobs = ["databaseJobs", "timeSeriesJobs"] as const;

/** Every secret setting by the application's own variable, row by row: where it is kept, and who reads it. */
export const secretSettings = {
  DB_PASSWORD: { source: "databaseApplication", property: "password", readers: [...serviceKeys, ...jobs] },
  TIME_SERIES_DB_PASSWORD: {
    source: "databaseApplication",
    property: "password",
    readers: ["marketData"],
    onlyWith: "timescaledb",
  },
  REDIS_PASSWORD: { source: "cache", property: "password", readers: serviceKeys },
  JWT_SECRET: { source: "jwt", property: "secret", readers: ["userManagement"] },
  JWT_PREVIOUS_SECRET: { source: "jwt", property: "previous", readers: ["userManagement"] },
  DATA_ENCRYPTION_KEYS: { source: "encryption", property: "encryptionKeys", readers: ["userManagement"] },
  DATA_LOOKUP_SECRET: { source: "encryption", property: "lookupSecret", readers: ["userManagement"] },
  ALGOLAB_API_KEY: { source: "algolab", property: "apiKey", readers: brokerServices },
  ALGOLAB_API_CODE: { source: "algolab", property: "apiCode", readers: brokerServices },
  ALGOLAB_SESSION_SECRET: { source: "algolabSessions", property: "secret", readers: brokerServices },
  ALGOLAB_PROXY_CREDENTIALS: {
    source: "algolab",
    property: "proxyCredentials",
    readers: brokerServices,
    onlyWith: "authenticatedProxy",
  },
  DB_READONLY_PASSWORD: { source: "databaseReadonly", property: "password", readers: jobs },
  DB_OWNER_USERNAME: { source: "databaseOwner", property: "username", readers: ["databaseJobs"] },
  DB_OWNER_PASSWORD: {
    source: "databaseOwner",
    sourceOf: { timeSeriesJobs: "timeSeriesOwner" },
    property: "password",
    readers: jobs,
  },
} as const satisfies Record<string, SecretSetting>;

export type SecretVariable = keyof typeof secretSettings;

/** The secret settings that one reader is given. */
export function settingsOf(
  reader: Reader,
  conditions: SecretConditions,
): readonly (SecretSetting & { readonly variable: SecretVariable })[] {
  const rows = Object.entries(secretSettings) as [SecretVariable, SecretSetting][];
  return rows
    .filter(([, { readers }]) => readers.includes(reader))
    .filter(([, { onlyWith }]) => onlyWith === undefined || conditions[onlyWith])
    .map(([variable, setting]) => ({ variable, ...setting, source: setting.sourceOf?.[reader] ?? setting.source }));
}
