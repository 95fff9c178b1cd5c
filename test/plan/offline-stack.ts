import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unreleased } from "../../config/schema/release-state";

type Json = Record<string, unknown>;

/** A synthesized stack, as far as planning it without its account needs to know. */
interface Stack extends Json {
  readonly terraform: Json;
  readonly provider: Json & { readonly aws: readonly Json[] };
  readonly data?: Json & {
    readonly terraform_remote_state?: Record<string, { readonly config: { readonly key: string } }>;
  };
  readonly output?: Record<string, { readonly value: unknown }>;
}

/** What a provider needs for the emulator that AWS_ENDPOINT_URL names, beside the credentials: as in `local`'s own stacks. */
const emulatorSettings = [
  "s3_use_path_style",
  "skip_credentials_validation",
  "skip_metadata_api_check",
  "skip_region_validation",
] as const;

/** What Terraform asks AWS for in a plan, by type and attribute, and an expression that stands for the answer. */
const answers = {
  "aws_ssm_parameter.insecure_value": `jsonencode(${JSON.stringify(unreleased)})`,
  "aws_secretsmanager_secret_versions.versions": '[{ version_id = "1", version_stages = ["AWSCURRENT"] }]',
} as const;

/** Stacks of one environment, rewritten so that Terraform plans them without that environment's account and states. */
export class OfflineStacks {
  private readonly stacks: ReadonlyMap<string, Stack>;

  /** @param texts `cdk.tf.json` by stack id, of the environment to plan and of `local`, whose emulator settings it takes */
  constructor(texts: ReadonlyMap<string, string>) {
    this.stacks = new Map([...texts].map(([id, text]) => [id, JSON.parse(text) as Stack]));
  }

  /** Writes a stack to a folder, with a state of its own and states that stand for those of the stacks before it. */
  write(id: string, folder: string): void {
    const stack = this.of(id);
    const local = this.of(id.replace(/^[a-z]+/, "local"));
    const remoteStates = Object.entries(stack.data?.terraform_remote_state ?? {}).map(
      ([name, { config }]): [string, Json] => {
        const upstream = config.key.replace(/\.tfstate$/, "");
        writeJson(folder, `upstream-${upstream}.tfstate`, this.stateOf(upstream));
        return [name, { backend: "local", config: { path: `upstream-${upstream}.tfstate` } }];
      },
    );
    const { aws, ...others } = stack.provider;
    const data = unanswered(stack.data);
    writeJson(folder, "cdk.tf.json", {
      ...withAnswers(stack),
      terraform: { ...stack.terraform, backend: { local: { path: "terraform.tfstate" } } },
      provider: {
        ...Object.fromEntries(Object.keys(others).map((name) => [name, unreachable(name)])),
        aws: aws.map((provider) => emulated(provider, local.provider.aws[0] ?? {})),
      },
      ...(stack.data && { data: { ...data, terraform_remote_state: Object.fromEntries(remoteStates) } }),
    });
  }

  /** A state that holds nothing but a stack's outputs; what Terraform would compute has a value of the right form. */
  private stateOf(id: string): Json {
    const outputs = Object.entries(this.of(id).output ?? {}).map(([name, { value }]) => {
      const known =
        typeof value === "string" ? value.replace(/\$\{[^}]*\}/g, (reference) => standIn(name, reference)) : value;
      return [name, { value: known, type: typeof known === "number" ? "number" : "string" }];
    });
    return {
      version: 4,
      terraform_version: "1.11.0",
      serial: 1,
      lineage: id,
      outputs: Object.fromEntries(outputs),
      resources: [],
    };
  }

  private of(id: string): Stack {
    const stack = this.stacks.get(id);
    if (stack === undefined) throw new Error(`there is no stack ${id}`);
    return stack;
  }
}

/** Data sources that nothing stands for. */
function unanswered(data: Json = {}): Json {
  const types = new Set(Object.keys(answers).map((key) => key.split(".")[0]));
  return Object.fromEntries(Object.entries(data).filter(([type]) => !types.has(type)));
}

/** The stack with what stands for AWS's answers in the place of references to them. */
function withAnswers(stack: Stack): Stack {
  let text = JSON.stringify(stack);
  for (const [key, answer] of Object.entries(answers)) {
    const [type = "", attribute = ""] = key.split(".");
    const quoted = JSON.stringify(answer).slice(1, -1);
    text = text.replace(new RegExp(`data\\.${type}\\.\\w+\\.${attribute}\\b`, "g"), () => quoted);
  }
  return JSON.parse(text) as Stack;
}

/** A cluster that is not there: what is new is planned without one. */
function unreachable(name: string): readonly Json[] {
  const cluster = { host: "https://127.0.0.1:1" };
  return [name === "helm" ? { kubernetes: cluster } : cluster];
}

/** The emulator takes a 12-digit access key as the account: each environment keeps its own. */
function emulated(provider: Json, local: Json): Json {
  const [account] = provider["allowed_account_ids"] as string[];
  return {
    ...provider,
    ...Object.fromEntries(emulatorSettings.map((setting) => [setting, local[setting]])),
    access_key: account,
    secret_key: local["secret_key"],
  };
}

/** The provider checks the form of an ARN while it plans. */
function standIn(name: string, reference: string): string {
  return reference.endsWith("arn}") ? `arn:aws:iam::111122223333:role/${name}` : `upstream-${name}`;
}

function writeJson(folder: string, file: string, content: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), JSON.stringify(content, null, 2));
}
