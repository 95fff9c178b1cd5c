import type { Environment } from "../../config";
import { isGraviton } from "../../config/schema/cluster";
import type { NodeGroupSettings } from "../../config/schema/cluster";
import type { Kubectl, KubernetesObject } from "./kubectl";

export type NodeGroupName = keyof Environment["cluster"]["nodeGroups"];

/** Marks nodes that kwok stands in for. */
const FAKE = { "kwok.x-k8s.io/node": "fake" };

const READY_PATIENCE = "60s";

/** How Kubernetes calls the effects of EKS. */
export const nodeEffects = {
  NO_SCHEDULE: "NoSchedule",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
  NO_EXECUTE: "NoExecute",
} as const;

/**
 * The nodes of an environment's node groups as Kubernetes sees them: labels, taints, zones and sizes. As many as the
 * autoscaler may bring, since nothing scales them here.
 *
 * @param without the group that has a real node. @default none
 */
export function nodesOf({ cluster, aws }: Environment, without?: NodeGroupName): KubernetesObject[] {
  const groups = Object.entries(cluster.nodeGroups).filter(([name]) => name !== without);
  return groups.flatMap(([name, group]) =>
    Array.from({ length: group.maxSize }, (_, index) => {
      const zone = aws.availabilityZones[index % aws.availabilityZones.length] ?? "";
      return node(`${name}-${index + 1}`, group, { region: aws.region, zone, group: name });
    }),
  );
}

/** Makes a cluster's stand-in nodes the ones that are given, and leaves real ones alone. */
export function bringNodes(kubectl: Kubectl, nodes: readonly KubernetesObject[]): void {
  kubectl.apply(nodes);
  const wanted = new Set(nodes.map(({ metadata }) => metadata.name));
  const surplus = kubectl
    .list("nodes")
    .filter(({ metadata: { name, annotations = {} } }) => "kwok.x-k8s.io/node" in annotations && !wanted.has(name))
    .map(({ metadata }) => metadata.name);
  if (surplus.length > 0) kubectl.run(["delete", "nodes", ...surplus]);
  kubectl.run(["wait", "nodes", "--all", "--for=condition=Ready", `--timeout=${READY_PATIENCE}`]);
}

function node(
  name: string,
  group: NodeGroupSettings,
  place: { readonly region: string; readonly zone: string; readonly group: string },
): KubernetesObject {
  const [instanceType = ""] = group.instanceTypes;
  const capacity = sizeOf(instanceType);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: FAKE,
      labels: {
        ...group.labels,
        "eks.amazonaws.com/nodegroup": place.group,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": isGraviton(instanceType) ? "arm64" : "amd64",
        "node.kubernetes.io/instance-type": instanceType,
        "topology.kubernetes.io/region": place.region,
        "topology.kubernetes.io/zone": place.zone,
      },
    },
    spec: {
      taints: (group.taints ?? []).map(({ key, value, effect }) => ({ key, value, effect: nodeEffects[effect] })),
    },
    status: { capacity, allocatable: capacity },
  };
}

/** GiB of memory to a core, by the letter that an instance type begins with. Source: aws.amazon.com/ec2/instance-types */
const gibToACore: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };
/** Addresses that a node of the families m5 and r5 has for pods. Source: eni-max-pods.txt of the Amazon VPC CNI. */
const podsOf = (cores: number) => (cores < 4 ? 29 : 58);
const smallSizes: Readonly<Record<string, number>> = { large: 2, xlarge: 4 };

/**
 * What an instance type offers its pods.
 *
 * @throws Error for a type of a family that has no fixed ratio
 */
export function sizeOf(instanceType: string): { readonly cpu: string; readonly memory: string; readonly pods: string } {
  const [, family = "", , size = ""] = /^([a-z]+)(\d+[a-z]*)\.(\w+)$/.exec(instanceType) ?? [];
  const cores = smallSizes[size] ?? 4 * Number(/^(\d+)xlarge$/.exec(size)?.[1] ?? Number.NaN);
  const gib = (gibToACore[family] ?? Number.NaN) * cores;
  if (Number.isNaN(gib)) {
    throw new Error(`No size is known of the instance type ${instanceType}; use one of the families c, m or r`);
  }
  return { cpu: String(cores), memory: `${gib}Gi`, pods: String(podsOf(cores)) };
}
