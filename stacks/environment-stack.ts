import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { LocalBackend, S3Backend, TerraformOutput, TerraformStack } from "cdktf";
import type { App } from "cdktf";
import type { Environment } from "../config";
import { emulatedAws } from "../constructs/aws/provider/emulated-aws";
import { referencesIn } from "../constructs/support/references";

/** Where AWS keeps what CloudFront uses: its certificates and its web ACLs. */
const GLOBAL_REGION = "us-east-1";

/** One Terraform state of one environment: its backend, its providers, and what it hands to the stacks after it. */
export abstract class EnvironmentStack extends TerraformStack {
  private readonly shared = new Map<string, TerraformOutput>();

  protected constructor(
    app: App,
    protected readonly environment: Environment,
    readonly holds: string,
  ) {
    super(app, `${environment.name}-${holds}`);
    this.addOverride("terraform.required_version", ">= 1.11");
    this.keepState();
    this.provider("aws", environment.aws.region);
  }

  /** On every resource. The provider sets them, but for what a resource starts by itself, such as a node's volumes. */
  protected get tags(): Record<string, string> {
    return {
      Environment: this.environment.name,
      Project: "bist-trading",
      ManagedBy: "cdktf",
      Stack: this.node.id,
    };
  }

  /** A second provider for what must live in us-east-1. */
  protected globalProvider(): AwsProvider {
    return this.provider("aws-global", GLOBAL_REGION, "global");
  }

  /**
   * Declares what other stacks may use. Each value that Terraform computes becomes an output named for its path in the
   * object (`subnets.private[0]` is `subnets_private_0`): names are a contract, not a by-product of construct paths.
   * cdktf's own would change with every renamed construct, and are marked sensitive, which hides them in plans.
   */
  protected share<T extends object>(outputs: T): T {
    this.shareUnder([], outputs);
    return outputs;
  }

  private shareUnder(path: readonly string[], value: unknown): void {
    const references = referencesIn(value);
    if (references === undefined) {
      for (const [key, child] of Object.entries(value as object)) this.shareUnder([...path, snakeCase(key)], child);
      return;
    }
    const name = path.join("_");
    const output = new TerraformOutput(this, name, { value, staticId: true });
    for (const identifier of references) this.shared.set(identifier, output);
  }

  /** cdktf asks for an output when another stack uses a value of this one: only shared values are given. */
  override registerOutgoingCrossStackReference(identifier: string): TerraformOutput {
    const output = this.shared.get(identifier);
    if (output === undefined) {
      throw new Error(
        `${this.node.id} does not share ${identifier}, which another stack uses; add it to the outputs of this stack`,
      );
    }
    return output;
  }

  private keepState(): void {
    const { state, aws } = this.environment;
    if (state.kind === "local") {
      // Terraform runs in cdktf.out/stacks/<stack>; a relative path keeps the output the same on every machine.
      new LocalBackend(this, { path: `../../../${state.folder}/${this.node.id}.tfstate` });
      return;
    }
    const backend = new S3Backend(this, {
      bucket: state.bucket,
      key: `${this.node.id}.tfstate`,
      region: aws.region,
      encrypt: true,
      allowedAccountIds: [aws.accountId],
    });
    // Not in cdktf 0.21's types.
    backend.addOverride("use_lockfile", true);
  }

  private provider(id: string, region: string, alias?: string): AwsProvider {
    const { aws } = this.environment;
    return new AwsProvider(this, id, {
      region,
      alias,
      allowedAccountIds: [aws.accountId],
      defaultTags: [{ tags: this.tags }],
      ...(aws.emulator === undefined ? {} : emulatedAws(this, aws.emulator, aws.accountId)),
    });
  }
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
