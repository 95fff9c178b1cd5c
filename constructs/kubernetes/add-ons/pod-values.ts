import type { Toleration } from "../workload/pod";

/** Values that charts take as Kubernetes writes them. */

/** Which nodes a pod goes to. */
export interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
}

export interface Resources {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

interface ResourceList {
  /** Kubernetes quantities, for example `100m` and `128Mi`. */
  readonly cpu: string;
  readonly memory: string;
}

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: "ScheduleAnyway";
  readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> };
}

/** What a pod is promised, and what it may take. */
export const resources = (requests: ResourceList, limits: ResourceList): Resources => ({ requests, limits });

/** Keeps the pods with these labels apart, over zones and over nodes, where that is possible. */
export function spread(matchLabels: Readonly<Record<string, string>>): readonly SpreadConstraint[] {
  return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels },
  }));
}

/** What the `restricted` Pod Security standard asks of a pod, and of each of its containers. */
export const restricted = {
  pod: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  container: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
} as const;

/** Two pods, of which one may be away while nodes are drained. */
export const REPLICAS = 2;
export const disruptionBudget = { maxUnavailable: 1 } as const;
