import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { MissingTool } from "../missing-tool";
import { remember } from "./runs";
import { cliConfiguration } from "./cli-configuration";
import type { ProviderRequirement } from "./mirrors";

/** Ephemeral resources and write-only arguments, which keep generated secrets out of the state. */
const MINIMUM_VERSION = [1, 11];

/** Terraform on this machine, configured with where the providers are. */
export interface Terraform {
  readonly binary: string;
  readonly version: string;
  readonly cliConfigFile: string;
  /** Providers that Terraform downloads at its first `init`. */
  readonly downloads: readonly ProviderRequirement[];
}

export interface TerraformRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Values of input variables. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Address of an AWS emulator that takes the place of AWS, or of the one that the stack names. @default what the stack names */
  readonly emulator?: string;
  /** Variables of the environment beside this process's own, which lose what would sign Terraform in to AWS. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Told each line of standard output as it comes. */
  readonly onLine?: (line: string) => void;
  /** Interrupts the run: Terraform then finishes what is in flight and saves its state. */
  readonly interrupt?: AbortSignal;
  /** Where the run is recorded while it lasts, for `endLeftovers`. */
  readonly runsFolder?: string;
}

/**
 * Finds Terraform on the PATH, or where cdktf's own variable TERRAFORM_BINARY_NAME points.
 *
 * @throws MissingTool when there is none, or one that is too old
 */
export function findTerraform(providers: readonly ProviderRequirement[], environment = process.env): Terraform {
  const binary = environment["TERRAFORM_BINARY_NAME"] ?? "terraform";
  const { status, stdout } = spawnSync(binary, ["version", "-json"], { encoding: "utf8", env: clean(environment) });
  const needed = `Terraform ${MINIMUM_VERSION.join(".")} or later`;
  const remedy =
    "Install it from https://developer.hashicorp.com/terraform/install, or name it in TERRAFORM_BINARY_NAME.";
  if (status !== 0) throw new MissingTool(`${needed} is needed, and \`${binary}\` is not on the PATH. ${remedy}`);
  const { terraform_version: version } = JSON.parse(stdout) as { terraform_version: string };
  if (isOlder(version)) throw new MissingTool(`${needed} is needed; \`${binary}\` is ${version}. ${remedy}`);
  const { file, downloaded } = cliConfiguration(providers, { environment });
  return { binary, version, cliConfigFile: file, downloads: downloaded };
}

/** Runs a Terraform command in a folder to its end, whatever its exit code. */
export function runTerraform(
  terraform: Terraform,
  folder: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<TerraformRun> {
  const { variables = {}, emulator, environment = {}, onLine, interrupt, runsFolder } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(terraform.binary, args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      // Out of the terminal's process group: an interrupt comes from us, once, and not from the keyboard as well.
      detached: true,
      env: {
        ...clean(process.env),
        ...(emulator === undefined ? {} : { AWS_ENDPOINT_URL: emulator }),
        ...environment,
        TF_CLI_CONFIG_FILE: terraform.cliConfigFile,
        TF_IN_AUTOMATION: "1",
        TF_INPUT: "0",
        ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value])),
      },
    });
    const forget = child.pid === undefined ? () => undefined : remember(child.pid, runsFolder);
    const stop = () => child.kill("SIGINT");
    if (interrupt?.aborted === true) stop();
    interrupt?.addEventListener("abort", stop);
    let stdout = "";
    let stderr = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      stdout += `${line}\n`;
      onLine?.(line);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      forget();
      interrupt?.removeEventListener("abort", stop);
      const ended = signal === null ? "" : `Terraform was ended by ${signal}\n`;
      resolve({ code: code ?? 1, stdout, stderr: stderr + ended });
    });
  });
}

/** This process's variables without those that would steer Terraform or its AWS provider elsewhere. */
function clean(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const steering = /^(AWS_|TF_(CLI_|DATA_DIR|INPUT|VAR_|WORKSPACE|REATTACH))/;
  const kept = Object.entries(environment).filter(([name]) => !steering.test(name));
  return { ...Object.fromEntries(kept), CHECKPOINT_DISABLE: "1" };
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [neededMajor = 0, neededMinor = 0] = MINIMUM_VERSION;
  return major < neededMajor || (major === neededMajor && minor < neededMinor);
}
