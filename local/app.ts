/** `npm run app`: the whole trading application on this machine, until Ctrl-C. */
import { join } from "node:path";
import { serviceKeys, services } from "../app/packages/contract/services";
import { type Application, startApplication } from "./app/application";
import { readPorts } from "./app/settings";
import { duration } from "./display/progress";
import { localFolder } from "./paths";

const INTERRUPTED = 130;
const folder = join(localFolder, "app");

const say = (text: string) => process.stdout.write(`${text}\n`);

function report({ addresses }: Application): string {
  const width = Math.max(...serviceKeys.map((key) => services[key].name.length));
  return [
    "",
    `Trade on      ${addresses.page}`,
    "APIs to read",
    ...serviceKeys.map((key) => `  ${services[key].name.padEnd(width)}  ${addresses[key]}/docs`),
    `Logs          ${join(folder, "logs")}`,
    "SMS codes of the simulated broker are shown here and on the page.",
    "Stop it with Ctrl-C; what it holds is kept for the next start.",
  ].join("\n");
}

async function main(): Promise<number> {
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
