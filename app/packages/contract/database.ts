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

/** The table of ticks: hundreds of partitions, or thousands of chunks. */
export const ticksTable = "market_ticks";

/**
 * The application's databases: `core` has users and orders, `timeSeries` what the market does. One server may hold them both,
 * in one database; then a pod has one pool for both.
 */
export type DatabaseKey = "core" | "timeSeries";

/**
 * Connections that a pod of a service keeps at the server of each database, beside its pool there: one listens at the core's, and
 * market-data stands for election on another, at that of the time series. A service that is not named does not connect.
 */
export const connectionsBesidePools = {
  core: { userManagement: 1, marketData: 1, brokerIntegration: 1 },
  timeSeries: { marketData: 1 },
} as const satisfies Record<DatabaseKey, Partial<Record<ServiceKey, number>>>;

/** The same where one server has both databases, beside the only pool. */
export const connectionsBesidePool = {
  ...connectionsBesidePools.core,
  marketData: connectionsBesidePools.core.marketData + connectionsBesidePools.timeSeries.marketData,
} satisfies Record<ServiceKey, number>;

/**
 * Connections that the leader of the market data feed opens beyond those, at the server of the time series: it stores ticks,
 * candles and history.
 */
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

/** The same at a server of the time series alone: nobody dumps it. */
export const otherTimeSeriesConnections = {
  "bootstrap-database": otherConnections["bootstrap-database"],
  "maintain-database": otherConnections["maintain-database"],
  "restore-database": otherConnections["restore-database"],
  reports: otherConnections.reports,
  operators: otherConnections.operators,
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

/** Begins the names of the second set of variables: that of the database of the time series. */
export const timeSeriesPrefix = "TIME_SERIES_";

/** The variables by which market-data is told of a database of the time series that is not the core's. */
export const timeSeriesVariables = (access: Omit<DatabaseAccess, "owner">): Record<string, string> =>
  Object.fromEntries(
    Object.entries(databaseVariables(access)).map(([name, value]) => [`${timeSeriesPrefix}${name}`, value]),
  );
