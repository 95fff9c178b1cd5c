import type { KubernetesObject } from "../../../ops/kubernetes/objects";

/** What a simulated operator reads of a Cluster, and writes into it. */

export interface Spec {
  readonly instances?: number;
  readonly plugins?: readonly { readonly name: string; readonly parameters?: Readonly<Record<string, string>> }[];
  readonly bootstrap?: {
    readonly initdb?: object;
    readonly recovery?: {
      readonly source?: string;
      readonly recoveryTarget?: { readonly targetTime?: string };
    };
  };
  readonly externalClusters?: readonly {
    readonly name: string;
    readonly plugin?: { readonly parameters?: Readonly<Record<string, string>> };
  }[];
  readonly walStorage?: object;
  readonly postgresql?: { readonly synchronous?: { readonly number: number } };
}

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export interface Status {
  readonly phase?: string;
  readonly currentPrimary?: string;
  readonly targetPrimary?: string;
  readonly conditions?: readonly Condition[];
}

/** Of the webhook's rules those that a copy could break. Source: cloudnative-pg v1.30.0, internal/webhook/v1/cluster_webhook.go. */
export function refusalOf({ metadata, spec }: KubernetesObject): string | undefined {
  const { bootstrap, externalClusters = [], instances = 1, postgresql } = spec as Spec;
  const { initdb, recovery } = bootstrap ?? {};
  if ((postgresql?.synchronous?.number ?? 0) >= instances) {
    return "Invalid synchronous configuration: the number of synchronous replicas must be less than the total number of instances";
  }
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(metadata.name)) return "cluster name must be a valid DNS label";
  if (metadata.name.length > 50) return "the maximum length of a cluster name is 50 characters";
  if (initdb !== undefined && recovery !== undefined) return "Only one bootstrap method can be specified at a time";
  if (recovery?.source !== undefined && !externalClusters.some(({ name }) => name === recovery.source)) {
    return `External cluster ${recovery.source} not found`;
  }
  const { targetTime } = recovery?.recoveryTarget ?? {};
  if (targetTime !== undefined && Number.isNaN(Date.parse(targetTime))) return "The format of TargetTime is invalid";
  return undefined;
}

export const isReady = ({ status }: KubernetesObject) =>
  ((status as Status | undefined)?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True");
