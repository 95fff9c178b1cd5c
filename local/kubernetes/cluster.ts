import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Environment } from "../../config";
import { MissingTool } from "../../lib/missing-tool";
import { localFolder, projectRoot } from "../../lib/paths";
import { findBinaries } from "./binaries";
import { ControlPlane } from "./control-plane";
import { findKubectl, Kubectl } from "./kubectl";
import { bringNodes, nodesOf } from "./nodes";
import type { NodeGroupName } from "./nodes";

/** Where a cluster of this machine is, and how to look into it. */
export interface LocalCluster {
  readonly kubectl: Kubectl;
  /** What it is, in a sentence. */
  readonly description: string;
}

export interface ClusterOptions {
  /** The environment whose nodes it has and whose stacks it is for. */
  readonly environment: Environment;
  /** Folder that the environment's own kubeconfig path is seen from. @default the project's */
  readonly root?: string;
  /** Keeps what the cluster holds. @default `.local/kubernetes/control-plane` */
  readonly folder?: string;
  /** The node group that a real node is of. @default kwok stands in for all */
  readonly realGroup?: NodeGroupName;
  /** Port of the API server on 127.0.0.1. @default a free one */
  readonly port?: number;
  /** Variables that may name a cluster or programs. @default those of this process */
  readonly variables?: NodeJS.ProcessEnv;
}

export const controlPlane = new ControlPlane(join(localFolder, "kubernetes", "control-plane"));

/**
 * The cluster that KUBERNETES_CONTEXT names; else a control plane of this machine's own, with a node of kwok's for
 * every one of the environment's. Its kubeconfig is where the environment's stacks expect it.
 *
 * @throws MissingTool when there is neither
 */
export async function bringCluster(options: ClusterOptions): Promise<LocalCluster> {
  const { root = projectRoot, variables = process.env } = options;
  const { kubernetes } = options.environment;
  if (kubernetes.access !== "kubeconfig") {
    throw new Error(
      `${options.environment.name}.kubernetes.access is "${kubernetes.access}"; a local cluster needs "kubeconfig"`,
    );
  }
  const file = join(root, kubernetes.file);
  const kubectl = new Kubectl(findKubectl(variables), file, kubernetes.context);
  const named = namedContext(variables);
  if (named !== undefined) {
    copyContext(named, { file, context: kubernetes.context, binary: kubectl.binary });
    return { kubectl, description: `The cluster of your context ${named}, with the nodes that it has.` };
  }
  const plane = options.folder === undefined ? controlPlane : new ControlPlane(options.folder);
  await plane.start({
    binaries: findBinaries(),
    port: options.port,
    serviceCidr: options.environment.cluster.serviceCidr,
    podCidr: options.environment.network.privateSubnets[0] ?? "",
    kubeconfig: file,
    context: kubernetes.context,
  });
  const nodes = nodesOf(options.environment, options.realGroup);
  bringNodes(kubectl, nodes);
  return {
    kubectl,
    description:
      options.realGroup === undefined
        ? `A real Kubernetes API server; kwok stands in for its ${nodes.length} nodes: pods are placed and called ready, and nothing runs in them.`
        : `A real Kubernetes, with this machine as its node for the ${options.realGroup}; kwok stands in for ${nodes.length} others.`,
  };
}

/** Whether the cluster is this machine's own, which holds nothing else. */
export const isOwnCluster = () => namedContext(process.env) === undefined;

/** A context is named on purpose: the current one may be anybody's. */
function namedContext({ KUBERNETES_CONTEXT: named }: NodeJS.ProcessEnv): string | undefined {
  return named === "" ? undefined : named;
}

/** Gives a developer's context the name that the stacks know, in a file of the project's own. */
function copyContext(
  named: string,
  { file, context, binary }: { readonly file: string; readonly context: string; readonly binary: string },
): void {
  const view = new Kubectl(binary, undefined, named).try([
    "config",
    "view",
    "--minify",
    "--flatten",
    "--raw",
    "--output=json",
  ]);
  if (view.code !== 0) {
    throw new MissingTool(
      `KUBERNETES_CONTEXT "${named}" is no context of KUBECONFIG or ~/.kube/config: ${view.stderr.trim()}`,
    );
  }
  const config = JSON.parse(view.stdout) as { contexts: { name: string }[] };
  const renamed = {
    ...config,
    contexts: config.contexts.map((one) => ({ ...one, name: context })),
    "current-context": context,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(renamed), { mode: 0o600 });
}
