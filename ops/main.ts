/** `npm run ops -- <command> --env <environment>`: operates an environment. */
import type { Environment } from "../config";
import { readSettings } from "../local/settings";
import { commands } from "./commands";
import { systemClock } from "./core/clock";
import { platformOf, recordsOf } from "./platform";
import { run } from "./program";

const INTERRUPTED = 130;

/** The emulator may have been moved to another port, as for `npm start`. */
function asReached(environment: Environment): Environment {
  if (environment.aws.emulator === undefined) return environment;
  const emulator = `http://127.0.0.1:${readSettings().emulatorPort}`;
  return { ...environment, aws: { ...environment.aws, emulator } };
}

process.on("SIGINT", () => {
  process.stderr.write(
    "\nCut short where it was. The same command again goes on; `operation undo` takes back what was done.\n",
  );
  process.exit(INTERRUPTED);
});

void run(process.argv.slice(2), {
  commands,
  clock: systemClock,
  stdout: process.stdout,
  stderr: process.stderr,
  prepare: (environment) => {
    const reached = asReached(environment);
    // npm and tools/run.mjs start this in the project's root.
    return { platform: platformOf(reached, process.cwd()), records: recordsOf(reached) };
  },
}).then((code) => {
  process.exitCode = code;
});
