/** `npm run ops -- <command> --env <environment>`: operates an environment. */
import type { ServiceKey } from "../app/packages/contract/services";
import type { Environment } from "../config";
import { readPorts } from "../local/app/settings";
import { withLocalEndpoints } from "../lib/emulated-environment";
import { recordsOf } from "./aws/s3-records";
import { commands } from "./commands";
import { systemClock } from "./core/clock";
import { platformOf } from "./platform";
import { run } from "./program";

const INTERRUPTED = 130;

/** Behind an emulator no load balancer forwards: there the application of this machine is visited. */
function visitedAt({ aws }: Environment): ((service: ServiceKey) => string) | undefined {
  if (aws.emulator === undefined) return undefined;
  const ports = readPorts(process.env);
  return (service) => `http://127.0.0.1:${ports[service]}`;
}

process.on("SIGINT", () => {
  process.stderr.write(
    "\nCut short where it was. The same command again goes on; `operation undo` takes back what was done.\n",
  );
  process.exit(INTERRUPTED);
});

/** npm and tools/run.mjs start this in the project's root. */
const root = process.cwd();

void run(process.argv.slice(2), {
  commands,
  clock: systemClock,
  root,
  stdout: process.stdout,
  stderr: process.stderr,
  prepare: (environment) => {
    const reachable = withLocalEndpoints(environment);
    return { platform: platformOf(reachable, { root, visited: visitedAt(reachable) }), records: recordsOf(reachable) };
  },
}).then((code) => {
  process.exitCode = code;
});
