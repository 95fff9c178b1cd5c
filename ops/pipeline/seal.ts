import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PLAN } from "./planning";
import { readsOf } from "./stack-reads";
import { fileDigest, sha256 } from "./workspace";
import type { Workspace } from "./workspace";
import type { Stack } from "./stacks";

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const stateVersion = z.strictObject({ lineage: z.string(), serial: z.int() });

/** What a plan was made from. It may be applied as long as all of it still holds. */
const sealSchema = z.strictObject({
  stack: z.string(),
  dependencies: z.array(z.string()),
  /** Git commit of the code. */
  commit: z.string(),
  terraform: z.string(),
  /** Digest of the synthesized `cdk.tf.json`. */
  configuration: digest,
  /** Digest of Terraform's lock file: which providers, byte for byte. */
  providers: digest,
  /** Digest of the plan file itself; null for a stack that is not applied. */
  plan: digest.nullable(),
  /** Null before the first apply. */
  state: stateVersion.nullable(),
  /** Digest of what it reads of each stack before it. */
  upstream: z.record(z.string(), digest),
});
export type Seal = z.infer<typeof sealSchema>;

/** Terraform's own names begin with a dot, which artifacts leave out. */
const LOCK_FILE = ".terraform.lock.hcl";
const FILES = { configuration: "cdk.tf.json", providers: "terraform.lock.hcl", plan: PLAN, seal: "seal.json" } as const;

/** Puts a stack, what it was planned from and, where it is to be applied, its plan into a folder of the caller's. */
export async function sealStack(
  folder: string,
  stack: Stack,
  stacks: readonly Stack[],
  workspace: Workspace,
  { commit, applicable }: { readonly commit: string; readonly applicable: boolean },
): Promise<Seal> {
  const target = join(folder, stack.id);
  mkdirSync(target, { recursive: true });
  copyFileSync(join(stack.folder, FILES.configuration), join(target, FILES.configuration));
  copyIfThere(join(stack.folder, LOCK_FILE), join(target, FILES.providers));
  if (applicable) copyFileSync(join(stack.folder, PLAN), join(target, FILES.plan));
  const seal: Seal = {
    stack: stack.id,
    dependencies: [...stack.dependencies],
    commit,
    terraform: workspace.version,
    configuration: fileDigest(target, FILES.configuration),
    providers: fileDigest(target, FILES.providers),
    plan: applicable ? fileDigest(target, FILES.plan) : null,
    state: (await workspace.head(stack))?.version ?? null,
    upstream: await upstreamDigests(stack, stacks, workspace),
  };
  writeFileSync(join(target, FILES.seal), `${JSON.stringify(seal, null, 2)}\n`);
  return seal;
}

/**
 * Reads a seal and lays the stack out where Terraform runs.
 *
 * @param workFolder folder of the stack that is made; what an earlier run left there is overwritten
 * @throws Error when the seal is missing or not one
 */
export function openSeal(folder: string, id: string, workFolder: string): { seal: Seal; stack: Stack } {
  const source = join(folder, id);
  const path = join(source, FILES.seal);
  if (!existsSync(path))
    throw new Error(`${source} holds no seal: the plans were not made by this pipeline, make them again`);
  const parsed = sealSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success) throw new Error(`${path} is not a seal:\n${z.prettifyError(parsed.error)}`);
  const seal = parsed.data;
  mkdirSync(workFolder, { recursive: true });
  copyFileSync(join(source, FILES.configuration), join(workFolder, FILES.configuration));
  copyIfThere(join(source, FILES.providers), join(workFolder, LOCK_FILE));
  if (seal.plan !== null) copyFileSync(join(source, FILES.plan), join(workFolder, PLAN));
  return { seal, stack: { id, folder: workFolder, dependencies: seal.dependencies } };
}

/** What is wrong with files that were laid out, before Terraform is asked anything. */
export function tampered(
  seal: Seal,
  { folder }: Stack,
  { commit, terraform }: { commit: string; terraform: string },
): readonly string[] {
  const differs = (name: string, file: string, expected: string) =>
    fileDigest(folder, file) === expected
      ? []
      : [`its ${name} is not the one that was sealed: fetch the artifact again`];
  return [
    ...(seal.commit === commit
      ? []
      : [`it was made from commit ${seal.commit.slice(0, 12)}, and this is ${commit.slice(0, 12)}: plan this commit`]),
    ...(seal.terraform === terraform
      ? []
      : [`it was made by Terraform ${seal.terraform}, and this is ${terraform}: use the same version`]),
    ...differs("configuration", FILES.configuration, seal.configuration),
    ...differs("provider lock file", LOCK_FILE, seal.providers),
    ...(seal.plan === null ? [] : differs("plan", PLAN, seal.plan)),
  ];
}

/** Why a plan no longer holds, in view of the states as they are now; empty when it does. */
export async function stale(
  seal: Seal,
  stack: Stack,
  stacks: readonly Stack[],
  workspace: Workspace,
): Promise<readonly string[]> {
  const now = (await workspace.head(stack, { fresh: true }))?.version;
  const upstream = await upstreamDigests(stack, stacks, workspace, { fresh: true });
  return [
    ...(now?.lineage === seal.state?.lineage && now?.serial === seal.state?.serial
      ? []
      : [`it was made from ${describe(seal.state)}, and now there is ${describe(now)}: plan again`]),
    ...Object.entries(upstream)
      .filter(([id, found]) => seal.upstream[id] !== found)
      .map(([id]) => `what it reads of ${id} has changed since: plan again`),
  ];
}

function describe(version: { readonly lineage: string; readonly serial: number } | null | undefined): string {
  return version ? `serial ${version.serial} of state ${version.lineage.slice(0, 8)}` : "no state";
}

async function upstreamDigests(
  stack: Stack,
  stacks: readonly Stack[],
  workspace: Workspace,
  options: { readonly fresh?: boolean } = {},
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const [id, names] of readsOf(stack)) {
    const upstream = stacks.find((other) => other.id === id);
    const outputs = upstream === undefined ? {} : ((await workspace.head(upstream, options))?.outputs ?? {});
    digests[id] = sha256(JSON.stringify(names.map((name) => [name, outputs[name] ?? null])));
  }
  return digests;
}

/** A stack that needs no provider beyond Terraform's own has no lock file. */
function copyIfThere(from: string, to: string): void {
  if (existsSync(from)) copyFileSync(from, to);
  else rmSync(to, { force: true });
}
