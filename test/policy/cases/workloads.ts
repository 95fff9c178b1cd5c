import { ClusterRoleV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-v1";
import { CronJobV1 } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { JobV1 } from "@cdktf/provider-kubernetes/lib/job-v1";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import type { NetworkPolicyV1Spec } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import type { TerraformStack } from "cdktf";
import type { Container, Pod } from "../../../policy/pods";
import type { Build, Case, Cases } from "./case";

const labels = { app: "user-management-service" };
const digest = `@sha256:${"0".repeat(64)}`;
const sound: Container = {
  name: "user-management",
  image: "registry/app:1.0.0",
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
  resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1", memory: "2Gi" } },
  livenessProbe: { httpGet: { path: "/live" } },
  readinessProbe: { httpGet: { path: "/ready" } },
};
const soundPod: Pod = {
  serviceAccountName: "application",
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: "65532", seccompProfile: { type: "RuntimeDefault" } },
  topologySpreadConstraint: [{ topologyKey: "topology.kubernetes.io/zone" }],
};

type Spec = Pod & { readonly namespace?: string };

/** A Deployment of a sound pod, but for what is given. */
const deployment =
  (container: Partial<Container> = {}, { namespace = "trading", ...pod }: Spec = {}): Build =>
  (stack) =>
    new DeploymentV1(stack, "Deployment", {
      metadata: { name: "app", namespace },
      spec: {
        template: {
          metadata: { labels },
          spec: { ...soundPod, container: [{ ...sound, ...container }], ...pod },
        },
      },
    });

const pod = (changes: Spec) => deployment({}, changes);

/** What a sound workload of every kind complies with, and each of these containers breaks. */
const ofContainers = (...violates: readonly Partial<Container>[]): Case => ({
  complies: [deployment(), job(sound), cronJob(sound)],
  violates: violates.flatMap((change) => [
    deployment(change),
    job({ ...sound, ...change }),
    cronJob({ ...sound, ...change }),
    pod({ initContainer: [{ ...sound, ...change }] }),
  ]),
});
const ofPods = (...violates: readonly Spec[]): Case => ({ complies: [deployment()], violates: violates.map(pod) });
const without = (part: "requests" | "limits", resource: string): Partial<Container> => {
  const { [resource]: _missing, ...rest } = (sound.resources as Record<string, Record<string, string>>)[part] ?? {};
  return { resources: { ...sound.resources, [part]: rest } };
};
const secured = (change: Container["securityContext"]): Partial<Container> => ({
  securityContext: { ...sound.securityContext, ...change },
});

function job(container: Container): Build {
  return (stack) =>
    new JobV1(stack, "Job", {
      metadata: { name: "job", namespace: "trading" },
      spec: { template: { metadata: { labels }, spec: { ...soundPod, container: [container] } } },
    });
}

function cronJob(container: Container): Build {
  const template = { metadata: { labels }, spec: { ...soundPod, container: [container] } };
  return (stack) =>
    new CronJobV1(stack, "CronJob", {
      metadata: { name: "job", namespace: "trading" },
      spec: { schedule: "0 2 * * *", jobTemplate: { metadata: {}, spec: { template } } },
    });
}

/** A sound Deployment beside something else of its namespace. */
const beside =
  (other: (stack: TerraformStack) => unknown): Build =>
  (stack) => {
    other(stack);
    return deployment()(stack);
  };
const policyFor = (matchLabels: Record<string, string>, namespace = "trading") =>
  beside(
    (stack) =>
      new NetworkPolicyV1(stack, "Policy", {
        metadata: { name: "policy", namespace },
        spec: { podSelector: { matchLabels }, policyTypes: ["Ingress"] },
      }),
  );
const budgetFor = (matchLabels: Record<string, string>, namespace = "trading") =>
  beside(
    (stack) =>
      new PodDisruptionBudgetV1(stack, "Budget", {
        metadata: { name: "budget", namespace },
        spec: { maxUnavailable: "1", selector: { matchLabels } },
      }),
  );
const namespace =
  (standard?: string): Build =>
  (stack) =>
    new NamespaceV1(stack, "Namespace", {
      metadata: { labels: standard === undefined ? {} : { "pod-security.kubernetes.io/enforce": standard } },
    });
/** A namespace with a policy of its own, or of a stranger's. */
const deniedBy =
  (
    spec: Partial<NetworkPolicyV1Spec>,
    of: (namespace: NamespaceV1) => string = ({ metadata }) => metadata.name,
  ): Build =>
  (stack) => {
    const home = new NamespaceV1(stack, "Namespace", { metadata: { name: "home" } });
    new NetworkPolicyV1(stack, "Policy", {
      metadata: { name: "policy", namespace: of(home) },
      spec: { podSelector: {}, policyTypes: ["Ingress"], ...spec },
    });
    return home;
  };
const role =
  (verbs: string[], resources: string[]): Build =>
  (stack) =>
    new RoleV1(stack, "Role", { metadata: {}, rule: [{ apiGroups: [""], resources, verbs }] });
const clusterRole =
  (verbs: string[], resources: string[]): Build =>
  (stack) =>
    new ClusterRoleV1(stack, "ClusterRole", { metadata: {}, rule: [{ apiGroups: [""], resources, verbs }] });
const probes = (live: string, ready: string) =>
  deployment({ livenessProbe: { httpGet: { path: live } }, readinessProbe: { httpGet: { path: ready } } });
const env = (name: string, value?: string) => ({ env: [{ name, value }] });

export const cases: Cases = {
  CKV_K8S_8: { complies: [deployment()], violates: [deployment({ livenessProbe: undefined })] },
  CKV_K8S_9: { complies: [deployment()], violates: [deployment({ readinessProbe: undefined })] },
  CKV_K8S_10: ofContainers(without("requests", "cpu"), { resources: undefined }),
  CKV_K8S_11: ofContainers(without("limits", "cpu")),
  CKV_K8S_12: ofContainers(without("limits", "memory")),
  CKV_K8S_13: ofContainers(without("requests", "memory")),
  CKV_K8S_14: {
    complies: [deployment(), deployment({ image: `registry:5000/app${digest}` })],
    violates: ["registry/app:latest", "registry/app", "registry:5000/app"].map((image) => deployment({ image })),
  },
  CKV_K8S_16: ofContainers(secured({ privileged: true })),
  CKV_K8S_17: ofPods({ hostPid: true }),
  CKV_K8S_18: ofPods({ hostIpc: true }),
  CKV_K8S_19: ofPods({ hostNetwork: true }),
  CKV_K8S_20: ofContainers(
    secured({ allowPrivilegeEscalation: true }),
    secured({ allowPrivilegeEscalation: undefined }),
  ),
  CKV_K8S_21: {
    complies: [deployment()],
    violates: [
      pod({ namespace: "default" }),
      (stack) => new JobV1(stack, "Job", { metadata: {}, spec: { template: { metadata: {}, spec: {} } } }),
    ],
  },
  CKV_K8S_22: ofContainers(secured({ readOnlyRootFilesystem: false })),
  CKV_K8S_23: {
    complies: [deployment(), deployment(secured({ runAsNonRoot: true }), { securityContext: {} })],
    violates: [deployment(secured({ runAsNonRoot: false })), pod({ securityContext: {} })],
  },
  CKV_K8S_26: ofContainers({ port: [{ containerPort: 8081, hostPort: 8081 }] }),
  CKV_K8S_27: {
    complies: [pod({ volume: [{ name: "logs", emptyDir: {} }] })],
    violates: [pod({ volume: [{ name: "node", hostPath: { path: "/var/run" } }] })],
  },
  CKV_K8S_28: ofContainers(
    secured({ capabilities: undefined }),
    secured({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }),
  ),
  CKV_K8S_31: ofPods({ securityContext: { ...soundPod.securityContext, seccompProfile: { type: "Unconfined" } } }),
  CKV_K8S_35: ofContainers(
    { env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "app-secrets", key: "password" } } }] },
    { envFrom: [{ secretRef: { name: "app-secrets" } }] },
  ),
  CKV_K8S_38: ofPods({ automountServiceAccountToken: true }, { automountServiceAccountToken: undefined }),
  CKV_K8S_40: ofPods({ securityContext: { ...soundPod.securityContext, runAsUser: "1000" } }),
  CKV_K8S_41: ofPods({ serviceAccountName: "default" }, { serviceAccountName: undefined }),
  CKV_K8S_49: {
    complies: [role(["get"], ["pods"]), clusterRole(["get"], ["nodes"])],
    violates: [role(["*"], ["pods"]), role(["get"], ["*"]), clusterRole(["*"], ["nodes"])],
  },
  CKV2_K8S_6: {
    complies: [policyFor(labels), policyFor({})],
    violates: [deployment(), policyFor({ app: "other" }), policyFor(labels, "monitoring")],
  },
  BIST_4: { complies: [probes("/live", "/ready")], violates: [probes("/health", "/health")] },
  BIST_5: ofPods(
    { topologySpreadConstraint: [] },
    { topologySpreadConstraint: [{ topologyKey: "kubernetes.io/hostname" }] },
  ),
  BIST_6: {
    complies: [budgetFor(labels)],
    violates: [deployment(), budgetFor({ app: "other" }), budgetFor(labels, "monitoring")],
  },
  BIST_7: {
    complies: [deployment(env("JWT_KEYS_URL", "https://keys")), deployment(env("TLS_KEY_PATH", "/run/tls.key"))],
    violates: [deployment(env("DB_PASSWORD", "x")), deployment(env("DATA_ENCRYPTION_KEYS", "x"))],
  },
  BIST_8: { complies: [namespace("restricted")], violates: [namespace(), namespace("baseline")] },
  BIST_9: {
    complies: [deniedBy({}), deniedBy({ policyTypes: ["Ingress", "Egress"] })],
    violates: [
      namespace("restricted"),
      deniedBy({}, () => "elsewhere"),
      deniedBy({ podSelector: { matchLabels: labels } }),
      deniedBy({ policyTypes: ["Egress"] }),
      deniedBy({ ingress: [{}] }),
    ],
  },
};
