import type { Toleration } from "./pod";

/** EKS writes `NO_SCHEDULE` where Kubernetes writes `NoSchedule`. */
const kubernetesEffects = {
  NO_SCHEDULE: "NoSchedule",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
  NO_EXECUTE: "NoExecute",
} as const;

/** A node group, as far as choosing it goes. */
export interface Nodes {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints?: readonly {
    readonly key: string;
    readonly value: string;
    readonly effect: keyof typeof kubernetesEffects;
  }[];
}

/** Sends pods to a node group: by its labels, and through its taints. */
export function placementOn({ labels, taints = [] }: Nodes) {
  return {
    nodeSelector: labels,
    tolerations: taints.map(({ key, value, effect }): Toleration => ({
      key,
      operator: "Equal",
      value,
      effect: kubernetesEffects[effect],
    })),
  };
}
