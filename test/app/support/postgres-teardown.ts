/** Jest's globalTeardown beside postgres-setup.ts: stops the server once. */
export default async function tearDown(): Promise<void> {
  const shared = globalThis as { stopTestServer?: () => Promise<void> };
  const stop = shared.stopTestServer;
  delete shared.stopTestServer;
  await stop?.();
}
