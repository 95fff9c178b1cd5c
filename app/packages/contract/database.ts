import type { ServiceKey } from "./services";

/**
 * The users that sign in to the database beside its owner. The owner prepares it and is RDS's master user; each of
 * these has its password in a secret of its own.
 */
export const databaseUsers = {
  /** The services: a member of the application's role, which reads and writes rows and owns nothing. */
  application: "bist_services",
  /** Reporting, under the setup guide's name: reads every table, writes none. */
  readonly: "readonly_user",
} as const;

/** Schema of extensions that no table needs, apart from the tables whose rights follow their schema. */
export const extensionsSchema = "extensions";

/** Connections that a pod of a service keeps beside its pool: one listens, and market-data stands for election on another. */
export const connectionsBesidePool = {
  userManagement: 1,
  marketData: 2,
  brokerIntegration: 1,
} as const satisfies Record<ServiceKey, number>;

/** Connections that the leader of the market data feed opens beyond those: it stores ticks, candles and history. */
export const feedLeaderConnections = 3;

/** Connections at once of everybody who is no service. */
export const otherConnections = {
  "bootstrap-database": 1,
  "maintain-database": 1,
  /** One holds the snapshot. */
  "dump-database": 2,
  "restore-database": 2,
  /** As many as `readonly_user` is allowed. */
  reports: 10,
  /** Commands of `ops`, and sessions of psql. */
  operators: 10,
} as const;

/** A database of a server, and whom one signs in as. */
export interface DatabaseAccess {
  readonly host: string;
  readonly port: number | string;
  readonly name: string;
  readonly username: string;
  /** Left out where a file or a secret has it. */
  readonly password?: string;
  /** Who prepares the database, for commands that do. */
  readonly owner?: { readonly username: string; readonly password: string };
  readonly sslMode: string;
}

/** The variables by which the application's processes are told of their database. */
export const databaseVariables = (access: DatabaseAccess): Record<string, string> => ({
  DB_HOST: access.host,
  DB_PORT: String(access.port),
  DB_NAME: access.name,
  DB_USERNAME: access.username,
  ...(access.password === undefined ? {} : { DB_PASSWORD: access.password }),
  ...(access.owner === undefined
    ? {}
    : { DB_OWNER_USERNAME: access.owner.username, DB_OWNER_PASSWORD: access.owner.password }),
  DB_SSL_MODE: access.sslMode,
});
