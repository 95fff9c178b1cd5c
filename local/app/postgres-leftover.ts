import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf, endProcess } from "../../lib/process";

const END_PATIENCE_MS = 20_000;

/** Stops the server of an earlier start that was killed: it still holds the folder of its data. */
export async function endLeftover(directory: string): Promise<void> {
  const file = join(directory, "postmaster.pid");
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8").split("\n", 1)[0]) : 0;
  if (pid > 0 && commandOf(pid)?.includes(directory) === true) await endProcess(pid, END_PATIENCE_MS);
}
