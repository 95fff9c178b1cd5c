import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isEmulator, stopEmulator } from "../../../local/emulator/emulator";
import { ControlPlane } from "../../../local/kubernetes/control-plane";
import { testEnvironmentFile } from "./test-environment";
import type { TestEnvironment } from "./test-environment";

/** The test environment that an earlier run left in the folder that OPS_TEST_ENVIRONMENT names, if it still runs. */
export function keptTestEnvironment(): TestEnvironment | undefined {
  const folder = process.env["OPS_TEST_ENVIRONMENT"];
  if (folder === undefined || !existsSync(testEnvironmentFile(folder))) return undefined;
  const kept = JSON.parse(readFileSync(testEnvironmentFile(folder), "utf8")) as TestEnvironment;
  if (!isEmulator(kept.pid)) return undefined;
  process.env["OPS_TEST_ENVIRONMENT_FILE"] = testEnvironmentFile(folder);
  return kept;
}

/** Ends all that runs of it, and forgets what it held. */
export async function endTestEnvironment({ folder, pid }: TestEnvironment): Promise<void> {
  await stopEmulator(pid);
  await new ControlPlane(join(folder, "control-plane")).erase();
  rmSync(folder, { recursive: true, force: true });
}
