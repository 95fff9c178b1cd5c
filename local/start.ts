/** `npm start`: brings the local platform up, and shows how far it is. */
import { duration } from "../lib/display/progress";
import type { Part } from "./part";
import { starting, Usage, wantedParts } from "./parts";
import { readSettings } from "./settings";

const INTERRUPTED = 130;
const USAGE = 2;

async function start(parts: readonly Part[], interrupt: AbortSignal): Promise<void> {
  const { stdout } = process;
  const beganAt = Date.now();
  const settings = readSettings();
  const lines: string[] = [];
  for (const part of parts) lines.push(...(await part.start({ settings, output: stdout, interrupt })));
  stdout.write(`\n${lines.join("\n")}\n\nUp after ${duration(Date.now() - beganAt)}.\n`);
}

async function main(): Promise<number> {
  const interrupt = new AbortController();
  process.on("SIGINT", () => {
    if (interrupt.signal.aborted) process.exit(INTERRUPTED);
    process.stdout.write("\nStopping: what is in flight comes to an end first. Ctrl-C again stops at once.\n");
    interrupt.abort();
  });
  process.on("SIGTERM", () => {
    interrupt.abort();
  });
  try {
    const parts = wantedParts(process.argv.slice(2));
    await starting.run(() => start(parts, interrupt.signal));
    return 0;
  } catch (error) {
    if (error instanceof Usage) {
      process.stderr.write(`${error.message}\n`);
      return USAGE;
    }
    if (!interrupt.signal.aborted) {
      process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    }
    process.stderr.write("Interrupted. Terraform's states are kept: run `npm start` again to go on.\n");
    return INTERRUPTED;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
