import * as client from "@kubernetes/client-node/dist/gen/models/all.js";
import { CronJob } from "kubernetes-models/batch/v1/CronJob";
import { Job } from "kubernetes-models/batch/v1/Job";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { PriorityClass } from "kubernetes-models/scheduling.k8s.io/v1/PriorityClass";
import { ClusterRole } from "kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole";
import { ClusterRoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding";
import { Role } from "kubernetes-models/rbac.authorization.k8s.io/v1/Role";
import { RoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding";
import { StorageClass } from "kubernetes-models/storage.k8s.io/v1/StorageClass";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { LimitRange } from "kubernetes-models/v1/LimitRange";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { ResourceQuota } from "kubernetes-models/v1/ResourceQuota";
import { Secret } from "kubernetes-models/v1/Secret";
import { Service } from "kubernetes-models/v1/Service";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import type { Block } from "./template";

/** A class of kubernetes-models: knows which fields are required and what they may hold. */
type Model = new (fields: never) => { validate(): void };

/** Every kind that stacks declare: client-node's class, which knows every field, and kubernetes-models'. */
const kinds: Readonly<Record<string, readonly [keyof typeof client, Model]>> = {
  kubernetes_cluster_role_binding_v1: ["V1ClusterRoleBinding", ClusterRoleBinding],
  kubernetes_cluster_role_v1: ["V1ClusterRole", ClusterRole],
  kubernetes_config_map_v1: ["V1ConfigMap", ConfigMap],
  kubernetes_cron_job_v1: ["V1CronJob", CronJob],
  kubernetes_deployment_v1: ["V1Deployment", Deployment],
  kubernetes_horizontal_pod_autoscaler_v2: ["V2HorizontalPodAutoscaler", HorizontalPodAutoscaler],
  kubernetes_job_v1: ["V1Job", Job],
  kubernetes_limit_range_v1: ["V1LimitRange", LimitRange],
  kubernetes_namespace_v1: ["V1Namespace", Namespace],
  kubernetes_network_policy_v1: ["V1NetworkPolicy", NetworkPolicy],
  kubernetes_persistent_volume_claim_v1: ["V1PersistentVolumeClaim", PersistentVolumeClaim],
  kubernetes_pod_disruption_budget_v1: ["V1PodDisruptionBudget", PodDisruptionBudget],
  kubernetes_priority_class_v1: ["V1PriorityClass", PriorityClass],
  kubernetes_resource_quota_v1: ["V1ResourceQuota", ResourceQuota],
  kubernetes_role_binding_v1: ["V1RoleBinding", RoleBinding],
  kubernetes_role_v1: ["V1Role", Role],
  kubernetes_secret_v1: ["V1Secret", Secret],
  kubernetes_service_account_v1: ["V1ServiceAccount", ServiceAccount],
  kubernetes_service_v1: ["V1Service", Service],
  kubernetes_storage_class_v1: ["V1StorageClass", StorageClass],
};

/** What a resource tells Terraform, and not Kubernetes. */
const terraformOnly = new Set([
  "//",
  "depends_on",
  "lifecycle",
  "provider",
  "provisioner",
  "timeouts",
  "wait_for_completion",
  "wait_for_default_service_account",
  "wait_for_load_balancer",
  "wait_for_rollout",
  "wait_until_bound",
]);

/**
 * What Kubernetes 1.36 would refuse of a synthesized resource, without asking it: unknown fields, missing ones, values
 * of another type. What Terraform computes counts as right.
 *
 * @returns one line a problem, with the field's path; none when the object is sound
 */
export function problemsOf(type: string, block: Block): readonly string[] {
  const [typeName, Model] = kinds[type] ?? [];
  if (typeName === undefined || Model === undefined) return [`${type} is in no table of kinds; add it`];
  const reading = new Reading();
  const fields = Object.entries(block).filter(([name]) => !terraformOnly.has(name));
  const object = reading.object(Object.fromEntries(fields), typeName, []);
  return [...reading.problems, ...violations(new Model(object as never))];
}

function violations(object: { validate(): void }): readonly string[] {
  try {
    object.validate();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

/** Turns the provider's blocks (`container`, `run_as_user = "65532"`) into Kubernetes' fields (`containers`, 65532). */
class Reading {
  readonly problems: string[] = [];

  object(block: Block, typeName: string, path: readonly string[]): Record<string, unknown> {
    const attributes = attributesOf(typeName);
    const object: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(block)) {
      if (value === undefined || value === null) continue;
      const attribute = attributes.find(({ baseName }) => spellings(key).includes(baseName.toLowerCase()));
      if (attribute === undefined) this.problems.push(`${[...path, key].join(".")} is no field of ${typeName}`);
      else object[attribute.baseName] = this.value(value, attribute.type, [...path, key]);
    }
    return object;
  }

  private value(value: unknown, type: string, path: readonly string[]): unknown {
    const item = /^Array<(.+)>$/.exec(type)?.[1];
    if (item !== undefined) return [value].flat().map((element) => this.value(element, item, path));
    if (type in client) return this.object(single(value) as Block, type, path);
    return scalar(value, type);
  }
}

/** A block that occurs once may be written as a list of one. */
function single(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

function attributesOf(typeName: string): readonly Attribute[] {
  const type = client[typeName as keyof typeof client] as unknown as { getAttributeTypeMap(): readonly Attribute[] };
  return type.getAttributeTypeMap();
}

/** Fields that the provider calls otherwise, since Terraform keeps the word for itself. */
const renamed: Readonly<Record<string, string>> = { storage_provisioner: "provisioner" };

/** The provider names a list for one of its elements, in lower case with underscores. */
function spellings(key: string): readonly string[] {
  const name = (renamed[key] ?? key).replaceAll("_", "").toLowerCase();
  return [name, `${name}s`, `${name}es`, name.replace(/y$/, "ies")];
}

const isComputed = (value: unknown) => typeof value === "string" && value.includes("${");

/** The provider takes many numbers as text; file modes are octal. */
function scalar(value: unknown, type: string): unknown {
  if (type === "number") return isComputed(value) ? 1 : number(value);
  if (type === "boolean") return isComputed(value) ? true : value;
  if (type === "IntOrString" || type === "number | string") return /^\d+$/.test(String(value)) ? Number(value) : value;
  return value;
}

function number(value: unknown): unknown {
  if (typeof value !== "string" || !/^-?\d+$/.test(value)) return value;
  return value.startsWith("0") && value.length > 1 ? Number.parseInt(value, 8) : Number(value);
}
