import { join } from "node:path";
import { DescribeClusterCommand } from "@aws-sdk/client-eks";
import type { EKSClient } from "@aws-sdk/client-eks";
import type { KubeConfig } from "@kubernetes/client-node";
import type { KubernetesAccess } from "../../config/schema/kubernetes";
import { messageOf, refused, Unreachable } from "../core/outcome";
import type { Apis } from "./namespace-api";

/** The part of an environment that says where its API server is. */
export interface ClusterAddress {
  readonly kubernetes: KubernetesAccess;
  readonly cluster: { readonly name: string };
  readonly aws: { readonly region: string };
}

/**
 * How the environment's API server is reached: EKS with tokens of the operator who runs the tool, or a kubeconfig below the
 * root and the context in it that the environment names. Asked once.
 */
export function connection(environment: ClusterAddress, eks: EKSClient, root: string): () => Promise<Apis> {
  let made: Promise<Apis> | undefined;
  return () => {
    made ??= connect(environment, eks, root).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

async function connect({ kubernetes, cluster, aws }: ClusterAddress, eks: EKSClient, root: string): Promise<Apis> {
  // The library takes a while to load, and not every command needs it.
  const library = await import("./library");
  const config = new library.LimitedKubeConfig();
  if (kubernetes.access === "eks") await useEks(config, eks, cluster.name, aws.region);
  else useFile(config, join(root, kubernetes.file), kubernetes.context);
  const { AppsV1Api, AutoscalingV2Api, BatchV1Api, CoreV1Api, KubernetesObjectApi, PatchStrategy, setHeaderOptions } =
    library;
  return {
    apps: config.makeApiClient(AppsV1Api),
    autoscaling: config.makeApiClient(AutoscalingV2Api),
    batch: config.makeApiClient(BatchV1Api),
    core: config.makeApiClient(CoreV1Api),
    objects: KubernetesObjectApi.makeApiClient(config),
    merging: setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch),
    mergePatch: PatchStrategy.MergePatch,
  };
}

async function useEks(config: KubeConfig, eks: EKSClient, name: string, region: string): Promise<void> {
  const { cluster } = await eks.send(new DescribeClusterCommand({ name }));
  if (cluster?.endpoint === undefined)
    throw refused(`The cluster ${name} has no address yet: deploy the stack "cluster"`);
  const args = ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"];
  const exec = { apiVersion: "client.authentication.k8s.io/v1beta1", command: "aws", args, interactiveMode: "Never" };
  config.loadFromClusterAndUser(
    { name, server: cluster.endpoint, caData: cluster.certificateAuthority?.data ?? "", skipTLSVerify: false },
    { name, exec },
  );
}

function useFile(config: KubeConfig, file: string, context: string): void {
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw new Unreachable(`there is no Kubernetes of this machine (${messageOf(error)}); npm start brings it up`);
  }
  if (config.getContextObject(context) === null) {
    const known = config.getContexts().map(({ name }) => name);
    throw refused(`${file} has no context "${context}"; it has ${known.join(", ")}`);
  }
  config.setCurrentContext(context);
}
