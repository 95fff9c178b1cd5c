import type { z } from "zod";
import { connectionsBesidePool, feedLeaderConnections, otherConnections } from "../../app/packages/contract/database";
import { serviceKeys, services } from "../../app/packages/contract/services";
import type { database } from "./database";
import type { Relation, Sound } from "./relations";
import { podsAtMost, podsAtOnce } from "./trading";
import type { trading } from "./trading";

/** What of an environment decides who connects. */
interface Connecting {
  readonly database: z.infer<typeof database>;
  readonly trading: z.infer<typeof trading>;
}

/** Somebody who opens connections to the database, in the busiest moment that the platform allows. */
export interface ConnectionHolder {
  readonly name: string;
  /** How many of it there may be at once. */
  readonly processes: number;
  /** Connections of each. */
  readonly each: number;
}

/**
 * Slots that no client gets: `superuser_reserved_connections`, `rds.rds_superuser_reserved_connections`, and what RDS
 * itself has open.
 */
export const RESERVED_CONNECTIONS = 3 + 2 + 3;

/** Who connects to the database when every service has all the pods that it may, and every pool is full. */
export function connectionHolders({ trading: application }: Sound<Connecting>): readonly ConnectionHolder[] {
  const pool = application?.databasePool?.max;
  if (pool === undefined) return [];
  return [
    ...serviceKeys.map((key) => ({
      name: services[key].name,
      processes: podsAtOnce(podsAtMost(application?.services?.[key] ?? {}) ?? 0),
      each: pool + connectionsBesidePool[key],
    })),
    // The one before closes its connections while the new one opens its own.
    { name: "leader of the market data feed", processes: 2, each: feedLeaderConnections },
    ...Object.entries(otherConnections).map(([name, each]) => ({ name, processes: 1, each })),
  ];
}

/** Connections of all clients at once. */
export const clientConnections = (environment: Sound<Connecting>): number =>
  connectionHolders(environment).reduce((sum, { processes, each }) => sum + processes * each, 0);

/** An operator must get in at the worst moment, and a release must not be what makes it. */
export const connectionsFitTheDatabase: Relation<Connecting> = (environment) => {
  const most = environment.database?.parameters?.maxConnections;
  const needed = clientConnections(environment) + RESERVED_CONNECTIONS;
  if (most === undefined || needed <= most) return [];
  const rows = connectionHolders(environment).map(
    ({ name, processes, each }) => `    ${name}: ${processes} x ${each} = ${processes * each}`,
  );
  return [
    {
      path: ["database", "parameters", "maxConnections"],
      message: [
        `is below the ${needed} connections that may be open at once; raise it, or lower trading.databasePool.max`,
        ...rows,
        `    reserved: ${RESERVED_CONNECTIONS}`,
      ].join("\n"),
    },
  ];
};
