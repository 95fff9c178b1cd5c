import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { App } from "cdktf";
import type { Environment } from "../../config";
import { deploy } from "../../local/deploy/deploy";
import type { SynthesizedStack } from "../../lib/terraform/stacks";
import type { ProviderRequirement } from "../../lib/terraform/mirrors";
import { findTerraform } from "../../lib/terraform/terraform";
import type { RunOptions } from "../../lib/terraform/terraform";
import { environmentStacks } from "../../stacks/environment-stacks";

/** The stacks of `local` below a root of a test's own, where their relative paths lead to states and the kubeconfig. */
export class LocalStacks {
  /** @param endpoint the emulator's */
  constructor(
    readonly root: string,
    private readonly endpoint: string,
    private readonly providers: readonly ProviderRequirement[],
  ) {}

  get output(): string {
    return join(this.root, "cdktf.out");
  }

  /** Where runs of Terraform are recorded while they last. */
  get runsFolder(): string {
    return join(this.root, "runs");
  }

  /** Options of every run of Terraform: the emulator that it asks. */
  get runOptions(): RunOptions {
    return { emulator: this.endpoint };
  }

  folder(id: string): string {
    return join(this.output, "stacks", id);
  }

  synthesize(environment: Environment): void {
    mkdirSync(this.output, { recursive: true });
    const app = new App({ outdir: this.output });
    environmentStacks(app, environment);
    app.synth();
  }

  /** @returns how many changes each stack took */
  async deploy(stacks: readonly SynthesizedStack[]): Promise<Readonly<Record<string, number>>> {
    const applied = await deploy(stacks, {
      terraform: findTerraform(this.providers),
      endpoint: this.endpoint,
      output: new Writable({
        write: (_chunk, _encoding, done) => {
          done();
        },
      }),
      interrupt: new AbortController().signal,
      runsFolder: this.runsFolder,
    });
    return Object.fromEntries([...applied].map(([id, { changes }]) => [id, changes]));
  }
}
