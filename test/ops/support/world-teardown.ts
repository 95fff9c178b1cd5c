import { openWorld } from "./world";
import { endWorld } from "./world-processes";

export default async function tearDown(): Promise<void> {
  if (process.env["OPS_WORLD_FILE"] === undefined || process.env["OPS_WORLD"] !== undefined) return;
  await endWorld(openWorld());
}
