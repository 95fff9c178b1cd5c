import { testServerVariable } from "./postgres";
import { startTestServer } from "./postgres-server";

/** Jest's globalSetup of every project that needs PostgreSQL: the first starts the server, the others share it. */
export default async function setUp(): Promise<void> {
  if (process.env[testServerVariable] !== undefined) return;
  const { stop, ...server } = await startTestServer();
  process.env[testServerVariable] = JSON.stringify(server);
  Object.assign(globalThis, { stopTestServer: stop });
}
