import { environment } from "../config";
import { connectionHolders, RESERVED_CONNECTIONS } from "../config/schema/connections";
import type { ConnectionHolder } from "../config/schema/connections";
import { table } from "./markdown-table";

/** docs/connections.md: who may be connected to production's database at once. */
export function connectionsPage(): string {
  const production = environment("production");
  const { maxConnections } = production.database.parameters;
  const apart = connectionHolders({ ...production, timeSeries: { in: "timescaledb" } }, "timeSeries");
  return `# Who connects to the database

Production's connections at its busiest: every service has the pods of both colours at their most, as while a release
stands by, both colours are in a rolling update, and every pool is full. They are counted at each synthesis
(\`config/schema/connections.ts\`), which refuses an environment whose \`database.parameters.maxConnections\` is lower.
This page is written from the count by \`npm run docs\`, and a test fails when it is not.

${holdersTable(connectionHolders(production), RESERVED_CONNECTIONS.core, [["`database.parameters.maxConnections`", "", "", String(maxConnections)]])}

- A pod has its pool, \`trading.databasePool.max\`, one connection that listens, and in market-data one that stands for election.
- _Operators_ are the commands of \`ops\` and sessions of psql. _Reserved_ are slots that PostgreSQL and RDS keep for their
  own administrators, and what RDS itself has open.
- The alarm \`database-connections\` tells when more is connected than all of these but the reserved.
- Why there is no pooler in between: [ADR 186](adr/186-connections-are-counted-at-their-most.md).

## With the time series apart

Where market data has [a server of its own](time-series.md), these are connected to it, and \`timeSeries.parameters.maxConnections\`
must be enough for them. RDS then has no leader of the feed, and a pod of market-data one connection fewer.

${holdersTable(apart, RESERVED_CONNECTIONS.timeSeries)}
`;
}

function holdersTable(
  holders: readonly ConnectionHolder[],
  reserved: number,
  limits: readonly (readonly string[])[] = [],
): string {
  const rows = [...holders, { name: "reserved", processes: 1, each: reserved }];
  const total = rows.reduce((sum, { processes, each }) => sum + processes * each, 0);
  return table(
    ["Who", "At once", "Connections of each", "Together"],
    [
      ...rows.map(({ name, processes, each }) => [name, String(processes), String(each), String(processes * each)]),
      ["all", "", "", String(total)],
      ...limits,
    ],
  );
}
