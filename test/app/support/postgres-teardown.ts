/** Jest's globalTeardown beside postgres-setup.ts: stops the servers once. */
export default async function tearDown(): Promise<void> {
  const shared = globalThis as { stopTestServers?: (() => Promise<void>)[] };
  const stops = shared.stopTestServers ?? [];
  delete shared.stopTestServers;
  for (const stop of stops) await stop();
}
