import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Runs Terraform in a folder; `shown` commands talk to the person at the terminal, the others are only read. */
export type Terraform = (
  folder: string,
  args: readonly string[],
  mode: "shown" | "read",
) => Promise<{ readonly code: number; readonly output: string }>;

export interface Bootstrap {
  /** Folder of the synthesized delivery stack. */
  readonly stack: string;
  /** Where the first state lives until it has moved; kept when anything fails. */
  readonly folder: string;
  /** Shows what would be created and changes nothing. */
  readonly dryRun: boolean;
  /** Applies without asking. */
  readonly approved: boolean;
  readonly terraform: Terraform;
  readonly say: (line: string) => void;
}

/**
 * The first apply of `delivery`, which creates the bucket that its own state lives in: applied with the state in a
 * file, which then moves into the bucket. Interrupted at any point and started again, it goes on.
 *
 * @throws Error that says what went wrong and what to do
 */
export async function bootstrap(options: Bootstrap): Promise<void> {
  const { folder, dryRun, approved, terraform, say } = options;
  const bucket = stateBucket(options.stack);
  const synthesized = join(options.stack, "cdk.tf.json");
  const remote = prepare(join(folder, "remote"), synthesized);
  const local = prepare(join(folder, "local"), synthesized);
  const override = join(local, "backend_override.tf.json");
  const stateFile = join(local, "delivery.tfstate");

  const found = await remoteState(terraform, remote);
  if (found === "resources") {
    say(`The state is in ${bucket} already: nothing to bootstrap. Change delivery by an ordinary deploy.`);
    if (!dryRun) rmSync(folder, { recursive: true, force: true });
    return;
  }
  if (found === "empty" && !existsSync(stateFile)) {
    throw new Error(
      `The bucket ${bucket} exists, but it holds no state of delivery and there is none in ${local}. ` +
        "If another machine began the bootstrap, go on there; if the bucket is another account's, choose another name in config/.",
    );
  }

  writeFileSync(override, JSON.stringify({ terraform: { backend: { local: { path: "delivery.tfstate" } } } }));
  await must(terraform, local, ["init", "-input=false", "-reconfigure"], "read");
  if (dryRun) {
    await must(terraform, local, ["plan", "-input=false"], "shown");
    say("A dry run: nothing was changed.");
    return;
  }
  say("Applying delivery with its state in a file.");
  await must(terraform, local, ["apply", ...(approved ? ["-auto-approve", "-input=false"] : [])], "shown");

  say(`Moving the state into ${bucket}.`);
  rmSync(override);
  await must(terraform, local, ["init", "-input=false", "-migrate-state", "-force-copy"], "read");
  await must(terraform, local, ["plan", "-input=false", "-detailed-exitcode"], "read");
  rmSync(folder, { recursive: true, force: true });
  say(`Done: the state of delivery is in ${bucket}, and a plan against it shows no change.`);
}

function prepare(folder: string, synthesized: string): string {
  mkdirSync(folder, { recursive: true });
  copyFileSync(synthesized, join(folder, "cdk.tf.json"));
  return folder;
}

/** Name of the bucket of the stack's backend. */
function stateBucket(stack: string): string {
  const { terraform } = JSON.parse(readFileSync(join(stack, "cdk.tf.json"), "utf8")) as {
    readonly terraform: { readonly backend: { readonly s3?: { readonly bucket: string } } };
  };
  if (terraform.backend.s3 === undefined) {
    throw new Error("This environment keeps its states in files: there is no bucket to bootstrap");
  }
  return terraform.backend.s3.bucket;
}

/** What of `delivery` the bucket holds already. */
async function remoteState(terraform: Terraform, folder: string): Promise<"no bucket" | "empty" | "resources"> {
  const init = await terraform(folder, ["init", "-input=false", "-reconfigure"], "read");
  if (init.code !== 0) {
    if (/bucket .* does not exist|NoSuchBucket/i.test(init.output)) return "no bucket";
    throw new Error(`terraform init failed; is this shell signed in to the account?\n${init.output}`);
  }
  const list = await terraform(folder, ["state", "list"], "read");
  // Terraform ends with 1 where there is no state yet.
  return list.code === 0 && list.output.trim() !== "" ? "resources" : "empty";
}

async function must(
  terraform: Terraform,
  folder: string,
  args: readonly string[],
  mode: "shown" | "read",
): Promise<void> {
  const { code, output } = await terraform(folder, args, mode);
  if (code === 0) return;
  throw new Error(
    `terraform ${args.join(" ")} ended with ${code} in ${folder}. What was done is kept: ` +
      `mend what it says and run the bootstrap again.\n${output}`.trimEnd(),
  );
}
