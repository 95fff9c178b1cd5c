import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findTerraform } from "../../../../lib/terraform/terraform";
import { applySealed } from "../../../../ops/pipeline/apply";
import { planStacks } from "../../../../ops/pipeline/planning";
import type { Purpose } from "../../../../ops/pipeline/planning";
import { isApplicable } from "../../../../ops/pipeline/report/report";
import type { StackReport } from "../../../../ops/pipeline/report/report";
import { sealStack } from "../../../../ops/pipeline/seal";
import { stacksInOrder } from "../../../../ops/pipeline/stacks";
import { Workspace } from "../../../../ops/pipeline/workspace";
import { temporaryFolder } from "../../../support/terraform";

/** Settings of the shop: what a change of its code would change. */
export interface Shop {
  readonly vpc: string;
  readonly engine: string;
  /** A command that runs when the database is made. */
  readonly whenMade?: string;
}

/** Where the shop keeps its states: settings of a bucket, or files. */
export type StateBucket = Readonly<Record<string, unknown>> & { readonly bucket: string };

const NETWORK = "shop-network";

/** An environment of two stacks, the second made from an output of the first, which Terraform itself provides. */
export class ShopEnvironment {
  readonly root = temporaryFolder("shop");
  readonly output = join(this.root, "cdktf.out");
  sealed = join(this.root, "sealed");
  readonly lines: string[] = [];
  commit = "a".repeat(40);

  /** @param bucket settings of Terraform's S3 backend, without a key. @default states are files below the root */
  constructor(private readonly bucket?: StateBucket) {}

  synthesize({ vpc, engine, whenMade }: Shop): void {
    const write = (id: string, stack: object) => {
      const folder = join(this.output, "stacks", id);
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, "cdk.tf.json"),
        JSON.stringify({
          terraform: { backend: this.backend(id) },
          provider: { terraform: {} },
          ...stack,
        }),
      );
    };
    const [[type, settings] = []] = Object.entries(this.backend(NETWORK));
    const remote = `cross-stack-reference-input-${NETWORK}`;
    write(NETWORK, {
      resource: { terraform_data: { Vpc: { input: vpc }, Tag: { input: `tag of ${engine}` } } },
      output: { vpc_id: { value: "${terraform_data.Vpc.output}" } },
    });
    write("shop-data", {
      data: { terraform_remote_state: { [remote]: { backend: type, config: settings } } },
      resource: {
        terraform_data: {
          Database: {
            input: { vpc: `\${data.terraform_remote_state.${remote}.outputs.vpc_id}`, engine },
            ...(whenMade !== undefined && {
              triggers_replace: [whenMade],
              provisioner: [{ "local-exec": { command: whenMade } }],
            }),
          },
        },
      },
    });
    write("shop-edge", { resource: { terraform_data: { Listener: { input: engine } } } });
    const entry = (id: string, ...dependencies: string[]) => ({ workingDirectory: `stacks/${id}`, dependencies });
    const stacks = {
      "shop-edge": entry("shop-edge", "shop-data"),
      "shop-data": entry("shop-data", NETWORK),
      [NETWORK]: entry(NETWORK),
    };
    writeFileSync(join(this.output, "manifest.json"), JSON.stringify({ stacks }));
  }

  /** Plans everything and seals it, as `npm run pipeline -- plan` does. */
  async plan(purpose: Purpose = "changes"): Promise<readonly StackReport[]> {
    const stacks = stacksInOrder(this.output, "shop");
    const workspace = this.workspace();
    const reports = await planStacks(stacks, workspace, { purpose, onReport: () => undefined });
    rmSync(this.sealed, { recursive: true, force: true });
    for (const report of reports.filter(({ outcome }) => outcome === "planned")) {
      const stack = stacks.find(({ id }) => id === report.stack);
      if (stack === undefined) continue;
      await sealStack(this.sealed, stack, stacks, workspace, {
        commit: this.commit,
        applicable: isApplicable(report),
      });
    }
    return reports;
  }

  /** Applies what is sealed on another machine: nothing is there but the artifact. */
  async apply(commit = this.commit): Promise<readonly string[]> {
    rmSync(join(this.root, "elsewhere"), { recursive: true, force: true });
    return applySealed({
      sealed: this.sealed,
      workFolder: join(this.root, "elsewhere"),
      commit,
      workspace: this.workspace(),
      tell: (line) => this.lines.push(line),
    });
  }

  /** Plans and applies until nothing is left. */
  async deploy(shop: Shop): Promise<void> {
    this.synthesize(shop);
    while ((await this.plan()).some(isApplicable)) await this.apply();
  }

  serial(id: string): number | undefined {
    const path = this.state(id);
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { serial: number }).serial : undefined;
  }

  state(id: string): string {
    return join(this.root, "states", `${id}.tfstate`);
  }

  private backend(id: string): Readonly<Record<string, object>> {
    if (this.bucket === undefined) return { local: { path: this.state(id) } };
    return { s3: { ...this.bucket, key: `${id}.tfstate` } };
  }

  workspace(): Workspace {
    return new Workspace(findTerraform([]));
  }
}
