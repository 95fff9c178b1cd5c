import { join } from "node:path";
import type { Applied } from "./deploy/apply";
import { deploy, DeployFailed } from "./deploy/deploy";
import { awsStacks } from "../lib/terraform/stacks";
import type { SynthesizedStack } from "../lib/terraform/stacks";
import type { Emulator } from "./emulator/emulator";
import { emulatorPython } from "./emulator/python";
import { RunningEmulator } from "./emulator/running";
import type { Part, Session } from "./part";
import { localFolder } from "../lib/paths";
import { commandOf } from "../lib/process";
import type { Settings } from "./settings";
import { synthesisOutput, synthesize } from "../lib/synthesize";
import { linkProviders } from "../lib/terraform/mirrors";
import { awsProvider } from "../lib/terraform/requirements";
import { endLeftovers } from "../lib/terraform/runs";
import { findTerraform } from "../lib/terraform/terraform";
import type { Terraform } from "../lib/terraform/terraform";
import { LocalState } from "./local-state";

const WATCH_MS = 1_000;

const localState = new LocalState(localFolder);
export const runningEmulator = new RunningEmulator(join(localFolder, "emulator", "running.json"));
export const runsFolder = join(localFolder, "terraform", "runs");

/** Production's AWS stacks, deployed by Terraform to an emulator on this machine. */
export const aws: Part = {
  name: "aws",

  async start(session) {
    const tell = (line: string) => session.output.write(`${line}\n`);
    const provider = awsProvider();
    const terraform = findTerraform([provider]);
    if (terraform.downloads.length > 0) {
      tell(
        `Terraform will download ${provider.source} ${provider.version} (150 MB): no folder of this machine has it.`,
      );
    }
    emulatorPython(() => {
      tell("Installing the AWS emulator (the first time only).");
    });
    const { endpoint } = await emulatorFor(session.settings);
    tell(`The AWS emulator is at ${endpoint}. Synthesizing the stacks.\n`);
    synthesize("local");
    const stacks = awsStacks(synthesisOutput, "local");
    for (const { folder } of stacks) linkProviders(folder, [provider]);

    const cut = endLeftovers(runsFolder);
    if (cut > 0) tell(`Ended ${cut} run(s) of Terraform that an earlier start left behind.`);
    const applied = await changeState(session, () => deployToEmulator(stacks, terraform, session));
    return report(applied, endpoint);
  },

  async stop() {
    endLeftovers(runsFolder);
    return [
      (await runningEmulator.stop())
        ? "The AWS emulator has ended; what it held is kept."
        : "No AWS emulator was running.",
    ];
  },

  async erase() {
    const lines = await aws.stop();
    localState.erase();
    return [...lines, "What it held, and Terraform's states, are gone."];
  },
};

/** After an interrupted deploy the state is first taken as it is, and restored from its checkpoint only on a conflict. */
async function changeState<T>(
  session: Session,
  change: () => Promise<T>,
  mayRestore = localState.isInterrupted,
): Promise<T> {
  localState.beginChange();
  try {
    const result = await change();
    localState.endChange();
    return result;
  } catch (error) {
    if (mayRestore && error instanceof DeployFailed && error.isConflict) {
      session.output.write(
        "An earlier start was cut short and left resources that no state knows: going back to before it.\n",
      );
      await runningEmulator.stop();
      localState.restore();
      return changeState(session, change, false);
    }
    // Terraform has saved its states; without its emulator, though, what was in flight is unknown.
    if ((await runningEmulator.find()) !== undefined) localState.endChange();
    throw error;
  }
}

async function deployToEmulator(
  stacks: readonly SynthesizedStack[],
  terraform: Terraform,
  { settings, output, interrupt }: Session,
): Promise<ReadonlyMap<string, Applied>> {
  const { pid, endpoint } = await emulatorFor(settings);
  const emulatorEnded = new AbortController();
  const watch = setInterval(() => {
    if (commandOf(pid) === undefined) emulatorEnded.abort();
  }, WATCH_MS);
  try {
    return await deploy(stacks, {
      terraform,
      endpoint,
      output,
      interrupt: AbortSignal.any([interrupt, emulatorEnded.signal]),
      runsFolder,
    });
  } catch (error) {
    if (!emulatorEnded.signal.aborted) throw error;
    throw new Error(
      `The AWS emulator (process ${pid}) ended while Terraform worked with it; its log is in ${localState.emulatorState}. ` +
        "Terraform's states are kept: run `npm start` again to go on.",
      { cause: error },
    );
  } finally {
    clearInterval(watch);
  }
}

/** The emulator that runs, or a new one where none does at the wanted address. */
async function emulatorFor(settings: Settings): Promise<Emulator> {
  const found = await runningEmulator.find();
  if (found?.endpoint === emulatorEndpoint(settings)) return found;
  await runningEmulator.stop();
  return runningEmulator.start({
    stateFolder: localState.emulatorState,
    port: settings.emulatorPort,
    serversHost: settings.serversHost,
    kubernetesPort: settings.kubernetesPort,
  });
}

const emulatorEndpoint = (settings: Settings) => `http://127.0.0.1:${settings.emulatorPort}`;

/** What there is now, and how to look inside. */
function report(applied: ReadonlyMap<string, Applied>, endpoint: string): string[] {
  const outputs = [...applied].flatMap(([id, { outputs }]) => [
    `${id}:`,
    ...Object.entries(outputs).map(
      ([name, { sensitive, value }]) => `  ${name} = ${sensitive ? "(sensitive)" : JSON.stringify(value)}`,
    ),
  ]);
  const changes = [...applied.values()].reduce((sum, stack) => sum + stack.changes, 0);
  return [
    ...outputs,
    "",
    changes === 0 ? "No change: every stack is what it declares." : `${changes} changes made.`,
    "",
    "Look inside:",
    "  npx cdktf diff local-network --skip-synth    what a change of the code would do",
    "  terraform -chdir=cdktf.out/stacks/local-data state list",
    `  aws --endpoint-url ${endpoint} rds describe-db-instances    (any credentials with a 12-digit access key)`,
    "Take it down: npm stop, and with what it holds: npm stop -- --erase",
  ];
}
