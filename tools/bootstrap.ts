/** Prepares an account for deploys: `npm run bootstrap -- --env production [--dry-run] [--yes]`. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { environmentNames } from "../config";
import { bootstrap } from "./delivery/bootstrap";
import type { Terraform } from "./delivery/bootstrap";

/** npm and tools/run.mjs start this in the project's root. */
const root = process.cwd();

function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly shown: boolean; readonly env?: Readonly<Record<string, string>> },
): ReturnType<Terraform> {
  const { cwd, shown, env } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, CHECKPOINT_DISABLE: "1", ...env },
      stdio: shown ? "inherit" : ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (text: Buffer) => (output += text.toString()));
    child.once("error", (error: NodeJS.ErrnoException) => {
      const missing = `${command} is not on the PATH; install Terraform 1.11 or later, or name it in TERRAFORM_BINARY_NAME`;
      reject(error.code === "ENOENT" ? new Error(missing) : error);
    });
    child.once("close", (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}

const terraform: Terraform = (folder, args, mode) =>
  run(process.env["TERRAFORM_BINARY_NAME"] ?? "terraform", args, { cwd: folder, shown: mode === "shown" });

async function main(): Promise<void> {
  const program = new Command("bootstrap")
    .description("Creates the state bucket, the GitHub roles and the image repository of an environment, once.")
    .addOption(new Option("--env <name>", "environment").choices(environmentNames).makeOptionMandatory())
    .option("--dry-run", "show what would be created and change nothing", false)
    .option("--yes", "apply without asking", false)
    .parse();
  const { env: name, dryRun, yes } = program.opts<{ env: string; dryRun: boolean; yes: boolean }>();

  const folder = join(root, ".local", "bootstrap", name);
  mkdirSync(folder, { recursive: true });
  const synthesis = await run(process.execPath, [join(root, "tools", "synth.mjs")], {
    cwd: root,
    shown: true,
    env: { ENVIRONMENTS: name, CDKTF_OUTDIR: join(folder, "out") },
  });
  if (synthesis.code !== 0) throw new Error(`The synthesis of ${name} failed: nothing was changed`);
  await bootstrap({
    stack: join(folder, "out", "stacks", `${name}-delivery`),
    folder,
    dryRun,
    approved: yes,
    terraform,
    say: (line) => process.stdout.write(`${line}\n`),
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
