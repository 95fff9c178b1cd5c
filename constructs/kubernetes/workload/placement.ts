import type { Toleration } from "./pod";

/** A node group, as far as choosing it goes. */
export interface Nodes {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

/** Sends pods to a node group: by its labels, and through its taints. */
export function placementOn({ labels, taints = [] }: Nodes) {
  return {
    nodeSelector: labels,
    tolerations: taints.map(({ key, value, effect }): Toleration => ({
      key,
      operator: "Equal",
      value,
      effect: kubernetesEffect(effect),
    })),
  };
}

/** EKS writes `NO_SCHEDULE` where Kubernetes writes `NoSchedule`. */
function kubernetesEffect(effect: string): string {
  return effect
    .split("_")
    .map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`)
    .join("");
}
