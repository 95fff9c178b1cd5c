import { testServerVariable } from "./postgres";
import type { PostgresGlobals } from "./postgres";
import { startTestServer } from "./postgres-server";

/** Jest's globalSetup of every project that needs PostgreSQL: the first of a version starts it, the others share it. */
export default async function setUp(_: unknown, { globals }: { readonly globals: PostgresGlobals }): Promise<void> {
  const variable = testServerVariable(globals);
  if (process.env[variable] !== undefined) return;
  const { stop, ...server } = await startTestServer(globals.postgresVersion);
  process.env[variable] = JSON.stringify(server);
  const shared = globalThis as { stopTestServers?: (() => Promise<void>)[] };
  shared.stopTestServers = [...(shared.stopTestServers ?? []), stop];
}
