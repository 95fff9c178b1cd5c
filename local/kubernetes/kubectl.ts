import { spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { MissingTool } from "../../lib/missing-tool";
import { programIn, searchedFolders } from "./binaries";

/** A Kubernetes object of any kind. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly object[];
  };
  readonly [field: string]: unknown;
}

export interface KubectlRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** kubectl at one context of one file; whatever context a developer has chosen for himself is never used. */
export class Kubectl {
  constructor(
    readonly binary: string,
    /** @default where kubectl itself looks: KUBECONFIG, or ~/.kube/config */
    private readonly file: string | undefined,
    private readonly context: string,
  ) {}

  /** What a developer types to see the same. */
  get commandLine(): string {
    return [this.binary, ...this.access].join(" ");
  }

  /** Address of the API server. */
  get server(): string {
    const view = this.run(["config", "view", "--minify", "--output=json"]);
    const { clusters } = JSON.parse(view) as { clusters: readonly { cluster: { server: string } }[] };
    return clusters[0]?.cluster.server ?? "";
  }

  /** Runs a command to its end, whatever its exit code. */
  try(args: readonly string[], input = ""): KubectlRun {
    const { status, stdout, stderr } = spawnSync(this.binary, [...this.access, ...args], {
      encoding: "utf8",
      input,
      // Named: without, a test's own variables do not reach it.
      env: process.env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { code: status ?? 1, stdout, stderr };
  }

  /** @throws Error with what kubectl said, when it fails */
  run(args: readonly string[], input?: string): string {
    const { code, stdout, stderr } = this.try(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} failed:\n  ${stderr.trim()}`);
    return stdout;
  }

  /** Every object of a kind, in one namespace or outside of all. */
  list(kind: string, options: readonly string[] = []): readonly KubernetesObject[] {
    const answer = this.run(["get", kind, "--output=json", ...options]);
    return (JSON.parse(answer) as { items: readonly KubernetesObject[] }).items;
  }

  apply(objects: readonly KubernetesObject[]): void {
    this.run(["apply", "--server-side", "--force-conflicts", "--filename=-"], listOf(objects));
  }

  private get access(): string[] {
    return [...(this.file === undefined ? [] : [`--kubeconfig=${this.file}`]), `--context=${this.context}`];
  }
}

export const listOf = (items: readonly KubernetesObject[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });

/** @throws MissingTool when neither the built programs nor the PATH have it */
export function findKubectl(environment: NodeJS.ProcessEnv = process.env): string {
  const folders = [...searchedFolders(environment), ...(environment["PATH"] ?? "").split(delimiter)];
  const found = programIn(folders, "kubectl");
  if (found !== undefined) return found;
  throw new MissingTool(
    "kubectl is on no PATH. Build it with `npm run kubernetes:build`, or install it from https://kubernetes.io/docs/tasks/tools.",
  );
}
