import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../../config";
import type { Environment } from "../../../config";

/** The emulated AWS and the cluster that the suites share. */
export interface TestEnvironment {
  /** What Terraform and the emulator keep. */
  readonly folder: string;
  readonly pid: number;
  readonly endpoint: string;
}

export const testEnvironmentFile = (folder: string) => join(folder, "test-environment.json");

/** Why this machine has no test environment; undefined where there is one. */
export const testEnvironmentMissing = (): string | undefined => process.env["OPS_TEST_ENVIRONMENT_MISSING"];

export function openTestEnvironment(): TestEnvironment {
  return JSON.parse(readFileSync(process.env["OPS_TEST_ENVIRONMENT_FILE"] ?? "", "utf8")) as TestEnvironment;
}

/** `local`, at the address of the emulator that the suites share. */
export function localEnvironment(): Environment {
  const local = environment("local");
  return { ...local, aws: { ...local.aws, emulator: openTestEnvironment().endpoint } };
}
