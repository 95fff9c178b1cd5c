import { TIME_SERIES } from "../../../config/names";

/** The pods that use AWS, by the namespace and the service account that they must run under. */
export interface WorkloadIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** What for. */
  readonly purpose: string;
}

/** Service accounts of add-ons with rights in AWS: their charts use these names. */
export const addOnIdentities = {
  loadBalancerController: {
    namespace: "kube-system",
    serviceAccount: "aws-load-balancer-controller",
    purpose: "Keeps target groups filled with the pods of their TargetGroupBinding",
  },
  clusterAutoscaler: {
    namespace: "kube-system",
    serviceAccount: "cluster-autoscaler",
    purpose: "Adds and removes nodes",
  },
  externalSecrets: {
    namespace: "external-secrets",
    serviceAccount: "external-secrets",
    purpose: "Copies the platform's secrets into Kubernetes",
  },
  certManager: {
    namespace: "cert-manager",
    serviceAccount: "cert-manager",
    purpose: "Answers DNS-01 challenges for the platform's hosts",
  },
  alertmanager: {
    namespace: "monitoring",
    serviceAccount: "alertmanager",
    purpose: "Sends alerts to the alarm topic",
  },
} as const satisfies Record<string, WorkloadIdentity>;

/** Every service account that may have rights in AWS; no other pod is given a role. */
export function workloadIdentities(applicationNamespace: string) {
  return {
    ...addOnIdentities,
    databaseBackup: {
      namespace: applicationNamespace,
      serviceAccount: "database-backup",
      purpose: "Uploads database dumps",
    },
    timeSeries: {
      namespace: applicationNamespace,
      serviceAccount: TIME_SERIES,
      purpose: "Backs up the time series and restores them",
    },
  } as const satisfies Record<string, WorkloadIdentity>;
}

export type WorkloadName = keyof ReturnType<typeof workloadIdentities>;
