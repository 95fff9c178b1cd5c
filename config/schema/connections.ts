import type { z } from "zod";
import {
  connectionsBesidePool,
  connectionsBesidePools,
  feedLeaderConnections,
  otherConnections,
  otherTimeSeriesConnections,
} from "../../app/packages/contract/database";
import type { DatabaseKey } from "../../app/packages/contract/database";
import { serviceKeys, services } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import type { database } from "./database";
import type { Problem, Relation, Sound } from "./relations";
import { podsAtMost, podsAtOnce } from "./trading";
import type { trading } from "./trading";
import type { timeSeries } from "./time-series";

/** What of an environment decides who connects. */
interface Connecting {
  readonly database: z.infer<typeof database>;
  readonly timeSeries: z.infer<typeof timeSeries>;
  readonly trading: z.infer<typeof trading>;
}

/** Somebody who opens connections to a server, in the busiest moment that the platform allows. */
export interface ConnectionHolder {
  readonly name: string;
  /** How many of it there may be at once. */
  readonly processes: number;
  /** Connections of each. */
  readonly each: number;
}

/**
 * Slots that no client gets. On RDS: `superuser_reserved_connections`, `rds.rds_superuser_reserved_connections`, and what
 * RDS itself has open. Of a server of the time series: the first of them, and what its instance manager has open.
 */
export const RESERVED_CONNECTIONS = { core: 3 + 2 + 3, timeSeries: 3 + 5 } as const satisfies Record<
  DatabaseKey,
  number
>;

/** Where an environment has the server of a database's connections: none of its own where RDS has both databases. */
const serverPaths = {
  core: ["database", "parameters", "maxConnections"],
  timeSeries: ["timeSeries", "parameters", "maxConnections"],
} as const satisfies Record<DatabaseKey, readonly string[]>;

/** Connections beside the pool, by the services that connect to the server of a database. */
function connectionsBeside(key: DatabaseKey, apart: boolean): Partial<Record<ServiceKey, number>> {
  return apart ? connectionsBesidePools[key] : connectionsBesidePool;
}

/**
 * Who connects to the server of a database when every service has all the pods that it may, and every pool is full.
 *
 * @param key the time series' only where they have a server of their own
 */
export function connectionHolders(
  { trading: application, timeSeries: chosen }: Sound<Connecting>,
  key: DatabaseKey = "core",
): readonly ConnectionHolder[] {
  const pool = application?.databasePool?.max;
  if (pool === undefined) return [];
  const apart = chosen?.in === "timescaledb";
  const beside = connectionsBeside(key, apart);
  const others = key === "core" ? otherConnections : otherTimeSeriesConnections;
  return [
    ...serviceKeys.flatMap((service) => {
      const more = beside[service];
      if (more === undefined) return [];
      const processes = podsAtOnce(podsAtMost(application?.services?.[service] ?? {}) ?? 0);
      return [{ name: services[service].name, processes, each: pool + more }];
    }),
    // The one before closes its connections while the new one opens its own.
    ...(apart && key === "core"
      ? []
      : [{ name: "leader of the market data feed", processes: 2, each: feedLeaderConnections }]),
    ...Object.entries(others).map(([name, each]) => ({ name, processes: 1, each })),
  ];
}

/** Connections of all clients at once. */
export const clientConnections = (environment: Sound<Connecting>, key: DatabaseKey = "core"): number =>
  connectionHolders(environment, key).reduce((sum, { processes, each }) => sum + processes * each, 0);

/** An operator must get in at the worst moment, and a release must not be what makes it. */
export const connectionsFitTheServers: Relation<Connecting> = (environment) => [
  ...connectionsFit(environment, "core", environment.database?.parameters?.maxConnections),
  ...(environment.timeSeries?.in === "timescaledb"
    ? connectionsFit(environment, "timeSeries", environment.timeSeries.parameters?.maxConnections)
    : []),
];

function connectionsFit(
  environment: Sound<Connecting>,
  key: DatabaseKey,
  most: number | undefined,
): readonly Problem[] {
  const reserved = RESERVED_CONNECTIONS[key];
  const needed = clientConnections(environment, key) + reserved;
  if (most === undefined || needed <= most) return [];
  const rows = connectionHolders(environment, key).map(
    ({ name, processes, each }) => `    ${name}: ${processes} x ${each} = ${processes * each}`,
  );
  return [
    {
      path: serverPaths[key],
      message: [
        `is below the ${needed} connections that may be open at once; raise it, or lower trading.databasePool.max`,
        ...rows,
        `    reserved: ${reserved}`,
      ].join("\n"),
    },
  ];
}
