import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isEmulator, isHealthy, startEmulator, stopEmulator } from "./emulator";
import type { Emulator, EmulatorOptions } from "./emulator";

/** The one emulator of `npm start`, found again by the next command through a file. */
export class RunningEmulator {
  constructor(private readonly record: string) {}

  /** The emulator that was started before and still answers; one that does not answer any more is ended. */
  async find(): Promise<Emulator | undefined> {
    if (!existsSync(this.record)) return undefined;
    const emulator = JSON.parse(readFileSync(this.record, "utf8")) as Emulator;
    if (isEmulator(emulator.pid)) {
      if (await isHealthy(emulator.endpoint)) return emulator;
      await stopEmulator(emulator.pid);
    }
    rmSync(this.record);
    return undefined;
  }

  /** Starts one. @throws as `startEmulator` does */
  async start(options: EmulatorOptions): Promise<Emulator> {
    const emulator = await startEmulator(options);
    mkdirSync(dirname(this.record), { recursive: true });
    writeFileSync(this.record, JSON.stringify(emulator));
    return emulator;
  }

  /** Ends it, if it runs. Returns whether it did. */
  async stop(): Promise<boolean> {
    const emulator = await this.find();
    if (emulator === undefined) return false;
    await stopEmulator(emulator.pid);
    rmSync(this.record);
    return true;
  }
}
