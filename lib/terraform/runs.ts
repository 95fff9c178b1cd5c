import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf } from "../process";

/** Terraform leads a process group, which its providers are in: the group's id is Terraform's own. */
const running = new Set<number>();
let watchesExit = false;

/** Notes a run until the returned function is called. A run that outlives this process is ended with it. */
export function remember(pid: number, folder?: string): () => void {
  if (!watchesExit) process.once("exit", endRunning);
  watchesExit = true;
  running.add(pid);
  const record = folder && join(folder, String(pid));
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  if (record !== undefined) writeFileSync(record, "");
  return () => {
    running.delete(pid);
    if (record !== undefined) rmSync(record, { force: true });
  };
}

/** Ends what a killed process of this project left running. Returns how many runs that were. */
export function endLeftovers(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const records = readdirSync(folder).map(Number);
  return records.filter((pid) => {
    // The id may be another program's by now.
    const command = commandOf(pid);
    const ended = (command === undefined || command.includes("terraform")) && endGroup(pid);
    rmSync(join(folder, String(pid)));
    return ended;
  }).length;
}

function endRunning(): void {
  running.forEach(endGroup);
}

function endGroup(pid: number): boolean {
  try {
    process.kill(-pid, "SIGKILL");
    return true;
  } catch {
    return false; // Its processes have ended.
  }
}
