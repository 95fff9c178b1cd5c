import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { awsProvider, kubernetesProviders } from "../../lib/terraform/requirements";
import { findTerraform, runTerraform } from "../../lib/terraform/terraform";
import type { RunOptions, Terraform, TerraformRun } from "../../lib/terraform/terraform";
import type { Stack } from "./stacks";

/** Which state a plan was made from. Terraform counts the serial up with every change. */
export interface StateVersion {
  readonly lineage: string;
  readonly serial: number;
}

/** What a stack's state says of itself; its resources are not looked at. */
export interface StateHead {
  readonly version: StateVersion;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Terraform's own error. */
export class TerraformFailed extends Error {
  constructor(stackId: string, command: string, run: TerraformRun) {
    super(`terraform ${command} of ${stackId} ended with ${run.code}:\n${run.stderr.trim() || run.stdout.trim()}`);
  }
}

/** Runs Terraform in the folders of synthesized stacks, in the account that this process is signed in to. */
export class Workspace {
  private readonly heads = new Map<string, StateHead | undefined>();
  private readonly initialized = new Set<string>();

  constructor(
    private readonly terraform: Terraform = findTerraform([awsProvider(), ...kubernetesProviders()]),
    private readonly interrupt?: AbortSignal,
  ) {}

  get version(): string {
    return this.terraform.version;
  }

  /** Prepares a stack's folder once. @throws TerraformFailed */
  async initialize(stack: Stack, options: readonly string[] = []): Promise<void> {
    if (this.initialized.has(stack.id)) return;
    await this.must(stack, ["init", "-no-color", "-reconfigure", ...options]);
    this.initialized.add(stack.id);
  }

  /**
   * What the state says now; undefined before the first apply.
   *
   * @param options.fresh asks again what was asked before
   * @throws TerraformFailed
   */
  async head(stack: Stack, options: { readonly fresh?: boolean } = {}): Promise<StateHead | undefined> {
    if (options.fresh === true || !this.heads.has(stack.id)) {
      const { stdout } = await this.must(stack, ["state", "pull"]);
      this.heads.set(stack.id, headOf(stdout));
    }
    return this.heads.get(stack.id);
  }

  /** Runs a command to its end, whatever its exit code. */
  run(stack: Stack, args: readonly string[], options: RunOptions = {}): Promise<TerraformRun> {
    return runTerraform(this.terraform, stack.folder, args, {
      environment: signedIn(process.env),
      ...(this.interrupt && { interrupt: this.interrupt }),
      ...options,
    });
  }

  /** @throws TerraformFailed */
  async must(stack: Stack, args: readonly string[]): Promise<TerraformRun> {
    const run = await this.run(stack, args);
    if (run.code !== 0) throw new TerraformFailed(stack.id, args[0] ?? "", run);
    return run;
  }
}

/** Digest of a file, or of nothing where there is none. */
export function fileDigest(folder: string, name: string): string {
  const path = join(folder, name);
  return sha256(existsSync(path) ? readFileSync(path) : "");
}

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function headOf(state: string): StateHead | undefined {
  if (state.trim() === "") return undefined;
  const { lineage, serial, outputs } = JSON.parse(state) as StateVersion & {
    readonly outputs: Readonly<Record<string, { readonly value: unknown }>>;
  };
  return {
    version: { lineage, serial },
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])),
  };
}

/** The variables by which an operator, or a workflow's OIDC step, is signed in to AWS. */
function signedIn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith("AWS_")));
}
