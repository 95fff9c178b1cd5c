import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator as start, stopEmulator } from "../../local/emulator/emulator";
import type { EmulatorOptions } from "../../local/emulator/emulator";
import { emulatorPython } from "../../local/emulator/python";
import { MissingTool } from "../../lib/missing-tool";

/** An emulator of a test's own. */
export interface TestEmulator {
  readonly pid: number;
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Ends it; what it held is kept in its folder. */
  stop(): Promise<void>;
}

/** Why the emulator cannot run on this machine; undefined where it can. Makes its Python environment on first use. */
export function emulatorMissing(): string | undefined {
  try {
    emulatorPython();
    return undefined;
  } catch (error) {
    if (error instanceof MissingTool) return error.message.split("\n")[0];
    throw error;
  }
}

/**
 * Starts an emulator, on a free port unless told otherwise.
 *
 * @param options.stateFolder kept by the caller, to start a second one with what the first held; else a temporary one
 */
export async function startEmulator(options: Partial<EmulatorOptions> = {}): Promise<TestEmulator> {
  const stateFolder = options.stateFolder ?? mkdtempSync(join(tmpdir(), "emulator-"));
  const { pid, endpoint } = await start({ ...options, stateFolder });
  return {
    pid,
    endpoint,
    stop: async () => {
      const clean = await stopEmulator(pid);
      if (options.stateFolder === undefined) rmSync(stateFolder, { recursive: true, force: true });
      if (!clean) throw new Error(`the emulator ${pid} did not end when asked to`);
    },
  };
}

/** The header that tells an emulator which service a plain HTTP request is for; it does not check the signature. */
export function signedFor(service: string): string {
  const credential = `000000000000/20260101/us-east-1/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none`;
}
