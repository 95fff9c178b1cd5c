/**
 * `npm run app`: the whole trading application on this machine, until Ctrl-C. `npm run app -- <folder>` keeps what it
 * holds there instead of in .local/app.
 */
import { join, resolve } from "node:path";
import { serviceKeys, services } from "../app/packages/contract/services";
import { startApplication } from "./app/application";
import type { Application } from "./app/application";
import { RunningApplication } from "./app/running";
import type { Running } from "./app/running";
import { readPorts } from "./app/settings";
import { duration } from "../lib/display/progress";
import { localFolder } from "../lib/paths";

const INTERRUPTED = 130;
const folder = resolve(process.argv[2] ?? join(localFolder, "app"));
const running = new RunningApplication(folder);

const say = (text: string) => process.stdout.write(`${text}\n`);

function report({ addresses, brokerLines }: Application): string {
  const width = Math.max(...serviceKeys.map((key) => services[key].name.length));
  return [
    "",
    `Trade on      ${addresses.page}`,
    "APIs to read",
    ...serviceKeys.map((key) => `  ${services[key].name.padEnd(width)}  ${addresses[key]}/docs`),
    `Logs          ${join(folder, "logs")}, PostgreSQL's in postgresql.log`,
    ...brokerLines,
    "Stop it with Ctrl-C or npm stop; what it holds is kept for the next start.",
  ].join("\n");
}

const runsAlready = ({ pid, page }: Running) =>
  `The application runs already${page === undefined ? "" : ` at ${page}`}, as process ${pid}. End it with Ctrl-C where it ` +
  "was started, or with npm stop.\n";

async function main(): Promise<number> {
  const other = running.find();
  if (other !== undefined) {
    process.stderr.write(runsAlready(other));
    return 1;
  }
  running.note();
  try {
    return await run();
  } finally {
    running.forget();
  }
}

async function run(): Promise<number> {
  const beganAt = Date.now();
  const interrupt = new AbortController();
  const interrupted = new Promise<undefined>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        interrupt.abort();
        resolve(undefined);
      });
    }
  });
  try {
    const application = await startApplication({
      folder,
      ports: readPorts(process.env),
      environment: process.env,
      tell: say,
      interrupt: interrupt.signal,
    });
    running.note(application.addresses.page);
    say(`${report(application)}\n\nUp after ${duration(Date.now() - beganAt)}.`);
    const failure = await Promise.race([application.failed, interrupted]);
    say(failure === undefined ? "\nStopping." : `\n${failure}\nStopping what is left.`);
    await application.stop();
    say("Stopped; what it held is kept.");
    return failure === undefined ? 0 : 1;
  } catch (error) {
    if (interrupt.signal.aborted) say("Stopped before it was up.");
    else process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    return interrupt.signal.aborted ? INTERRUPTED : 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
