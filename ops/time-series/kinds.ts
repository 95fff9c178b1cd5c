import type { Kind } from "../kubernetes/objects";

const operator = "postgresql.cnpg.io/v1";

/** Kinds of objects that the server of the time series consists of. */
export const kinds = {
  cluster: { apiVersion: operator, kind: "Cluster" },
  backup: { apiVersion: operator, kind: "Backup" },
  schedule: { apiVersion: operator, kind: "ScheduledBackup" },
  store: { apiVersion: "barmancloud.cnpg.io/v1", kind: "ObjectStore" },
  service: { apiVersion: "v1", kind: "Service" },
  job: { apiVersion: "batch/v1", kind: "Job" },
  pod: { apiVersion: "v1", kind: "Pod" },
  claim: { apiVersion: "v1", kind: "PersistentVolumeClaim" },
  volume: { apiVersion: "v1", kind: "PersistentVolume", clusterWide: true },
} as const satisfies Record<string, Kind>;

/** How the operator labels what belongs to a Cluster. Source: cloudnative-pg v1.30.0, pkg/utils/labels_annotations.go. */
export const labels = {
  cluster: "cnpg.io/cluster",
  /** `primary` or `replica`, of a pod. */
  role: "cnpg.io/instanceRole",
  /** `instance` of an instance's pod. */
  podRole: "cnpg.io/podRole",
  /** What a Job of the operator is for. */
  jobRole: "cnpg.io/jobRole",
} as const;

/** Annotation with the instances whose PostgreSQL is kept from running, as a list in JSON; `["*"]` are all. */
export const FENCED = "cnpg.io/fencedInstances";
