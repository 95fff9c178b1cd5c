import { ClusterRoleV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-v1";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import { containerRule, deploymentRule, podRule } from "../pods";
import { relatedResources, resourcesOf } from "../related-resources";
import { known, rule } from "../rule";

export const deploymentLivenessProbed = deploymentRule({
  id: "CKV_K8S_8",
  title: "Every container that serves has a liveness probe",
  complies: ({ containers }) => containers.every(({ livenessProbe }) => livenessProbe !== undefined),
  remedy: "give the container a `livenessProbe`",
});

export const deploymentReadinessProbed = deploymentRule({
  id: "CKV_K8S_9",
  title: "Every container that serves has a readiness probe",
  complies: ({ containers }) => containers.every(({ readinessProbe }) => readinessProbe !== undefined),
  remedy: "give the container a `readinessProbe`",
});

export const containerCpuRequests = containerRule({
  id: "CKV_K8S_10",
  title: "Every container says how much CPU it asks for",
  complies: ({ resources }) => resources?.requests?.["cpu"] !== undefined,
  remedy: "set `resources.requests.cpu`",
});

export const containerCpuLimits = containerRule({
  id: "CKV_K8S_11",
  title: "Every container says how much CPU it may use",
  complies: ({ resources }) => resources?.limits?.["cpu"] !== undefined,
  remedy: "set `resources.limits.cpu`",
});

export const containerMemoryLimits = containerRule({
  id: "CKV_K8S_12",
  title: "Every container says how much memory it may use",
  complies: ({ resources }) => resources?.limits?.["memory"] !== undefined,
  remedy: "set `resources.limits.memory`",
});

export const containerMemoryRequests = containerRule({
  id: "CKV_K8S_13",
  title: "Every container says how much memory it asks for",
  complies: ({ resources }) => resources?.requests?.["memory"] !== undefined,
  remedy: "set `resources.requests.memory`",
});

export const imageTagFixed = containerRule({
  id: "CKV_K8S_14",
  title: "Every image has a tag other than latest, or a digest",
  complies: ({ image }) => /@sha256:[0-9a-f]{64}$|:(?!latest$)[^/:@]+$/.test(known(image) ?? ""),
  remedy: "name the image by its digest or by a tag that never moves",
});

export const containerNotPrivileged = containerRule({
  id: "CKV_K8S_16",
  title: "No container is privileged",
  complies: ({ securityContext }) => securityContext?.privileged !== true,
  remedy: "remove `privileged`",
});

export const podKeepsItsOwnProcesses = podRule({
  id: "CKV_K8S_17",
  title: "No pod sees the processes of its node",
  complies: ({ pod }) => pod.hostPid !== true,
  remedy: "remove `hostPid`",
});

export const podKeepsItsOwnIpc = podRule({
  id: "CKV_K8S_18",
  title: "No pod shares memory with its node",
  complies: ({ pod }) => pod.hostIpc !== true,
  remedy: "remove `hostIpc`",
});

export const podKeepsItsOwnNetwork = podRule({
  id: "CKV_K8S_19",
  title: "No pod uses the network of its node",
  complies: ({ pod }) => pod.hostNetwork !== true,
  remedy: "remove `hostNetwork`",
});

export const containerGainsNoRights = containerRule({
  id: "CKV_K8S_20",
  title: "No process of a container can gain rights",
  complies: ({ securityContext }) => known(securityContext?.allowPrivilegeEscalation) === false,
  remedy: "set `securityContext.allowPrivilegeEscalation: false`",
});

export const workloadHasANamespace = podRule({
  id: "CKV_K8S_21",
  title: "Nothing runs in the default namespace",
  complies: ({ namespace }) => (known(namespace) ?? "default") !== "default",
  remedy: "name the namespace in `metadata`",
});

export const containerRootReadOnly = containerRule({
  id: "CKV_K8S_22",
  title: "No container can write to its root file system",
  complies: ({ securityContext }) => securityContext?.readOnlyRootFilesystem === true,
  remedy: "set `readOnlyRootFilesystem` and mount an empty folder for what is written",
});

export const containerNotRoot = containerRule({
  id: "CKV_K8S_23",
  title: "No container runs as root",
  complies: ({ securityContext }, pod) => (securityContext?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) === true,
  remedy: "set `runAsNonRoot`",
});

export const containerTakesNoPortOfItsNode = containerRule({
  id: "CKV_K8S_26",
  title: "No container takes a port of its node",
  complies: ({ port }) => (known(port) ?? []).every(({ hostPort }) => hostPort === undefined),
  remedy: "remove `hostPort`; a Service reaches the container",
});

export const podMountsNothingOfItsNode = podRule({
  id: "CKV_K8S_27",
  title: "No pod mounts a folder of its node",
  complies: ({ pod }) => (known(pod.volume) ?? []).every(({ hostPath }) => hostPath === undefined),
  remedy: "use an `emptyDir`, a claim or a Secret",
});

export const containerDropsCapabilities = containerRule({
  id: "CKV_K8S_28",
  title: "Every container drops all capabilities and adds none",
  complies: ({ securityContext }) =>
    securityContext?.capabilities?.drop?.includes("ALL") === true &&
    (securityContext.capabilities.add ?? []).length === 0,
  remedy: 'set `capabilities: { drop: ["ALL"] }`',
});

export const containerSystemCallsFiltered = containerRule({
  id: "CKV_K8S_31",
  title: "Every container runs under the seccomp profile of the runtime",
  complies: ({ securityContext }, pod) =>
    (securityContext?.seccompProfile?.type ?? pod.securityContext?.seccompProfile?.type) === "RuntimeDefault",
  remedy: 'set `seccompProfile: { type: "RuntimeDefault" }`',
});

export const secretsAreFiles = containerRule({
  id: "CKV_K8S_35",
  title: "No secret is an environment variable",
  complies: ({ env, envFrom }) =>
    (known(env) ?? []).every(({ valueFrom }) => valueFrom?.secretKeyRef === undefined) &&
    (known(envFrom) ?? []).every(({ secretRef }) => secretRef === undefined),
  remedy: "mount the Secret as files",
});

export const podMountsNoToken = podRule({
  id: "CKV_K8S_38",
  title: "No pod mounts a token for the Kubernetes API",
  complies: ({ pod }) => known(pod.automountServiceAccountToken) === false,
  remedy: "set `automountServiceAccountToken: false`",
});

export const containerUserIsNobodyOfTheNode = containerRule({
  id: "CKV_K8S_40",
  title: "Every container runs as a user above 10000, whom no node knows",
  complies: ({ securityContext }, pod) =>
    Number(known(securityContext?.runAsUser ?? pod.securityContext?.runAsUser) ?? 0) >= 10_000,
  remedy: "set `runAsUser` to 10000 or more",
});

export const podHasAServiceAccount = podRule({
  id: "CKV_K8S_41",
  title: "No pod runs under the default service account",
  complies: ({ pod }) => (known(pod.serviceAccountName) ?? "default") !== "default",
  remedy: "give the pod a service account of its own",
});

export const noWildcardInRoles = rule<RoleV1 | ClusterRoleV1>([RoleV1, ClusterRoleV1], {
  id: "CKV_K8S_49",
  title: "No role allows everything on a kind, or something on every kind",
  complies: ({ ruleInput }) =>
    (known(ruleInput) ?? []).every(({ verbs, resources }) => !verbs.includes("*") && resources?.includes("*") !== true),
  remedy: "name the verbs and the resources",
});

export const podHasANetworkPolicy = podRule({
  id: "CKV2_K8S_6",
  title: "Every pod is under a network policy",
  complies: ({ labels, namespace }, stack) =>
    resourcesOf(stack, NetworkPolicyV1).some(
      (policy) =>
        policy.metadataInput?.namespace === namespace && selects(policy.specInput?.podSelector.matchLabels, labels),
    ),
  remedy: "add a NetworkPolicyV1 that selects its labels",
});

export const probesDiffer = deploymentRule({
  id: "BIST_4",
  title: "Liveness and readiness are asked of different paths: a pod that waits for the database is not restarted",
  complies: ({ containers }) =>
    containers.every(({ livenessProbe, readinessProbe }) => {
      const live = livenessProbe?.httpGet?.path;
      return live === undefined || live !== readinessProbe?.httpGet?.path;
    }),
  remedy: "ask liveness of the process alone",
});

export const podsSpreadOverZones = deploymentRule({
  id: "BIST_5",
  title: "Pods of a Deployment spread over zones",
  complies: ({ pod }) =>
    (known(pod.topologySpreadConstraint) ?? []).some(
      ({ topologyKey }) => topologyKey === "topology.kubernetes.io/zone",
    ),
  remedy: "add a `topologySpreadConstraint` of `topology.kubernetes.io/zone`",
});

export const podsSurviveDrains = deploymentRule({
  id: "BIST_6",
  title: "Every Deployment has a disruption budget that selects its pods",
  complies: ({ labels, namespace }, stack) =>
    resourcesOf(stack, PodDisruptionBudgetV1).some(
      (budget) =>
        budget.metadataInput?.namespace === namespace && selects(budget.specInput?.selector.matchLabels, labels),
    ),
  remedy: "add a PodDisruptionBudgetV1 for its labels",
});

const SECRET = /(^|_)(PASSWORD|SECRET|TOKEN|KEYS?)$/;

export const noSecretInPlainSight = containerRule({
  id: "BIST_7",
  title: "No environment variable that is named for a secret has its value in the plan",
  complies: ({ env }) =>
    (known(env) ?? []).every(({ name, value }) => !SECRET.test(known(name)) || value === undefined),
  remedy: "mount the Secret as files; a setting that is none must not end in PASSWORD, SECRET, TOKEN, KEY or KEYS",
});

export const namespaceRestrictsPods = rule(NamespaceV1, {
  id: "BIST_8",
  title: "Every namespace enforces the restricted Pod Security standard",
  complies: ({ metadataInput }) =>
    known(metadataInput?.labels)?.["pod-security.kubernetes.io/enforce"] === "restricted",
  remedy: "set the label `pod-security.kubernetes.io/enforce: restricted`",
  optOut: "pod-security.kubernetes.io/enforce",
});

/** CKV2_K8S_6 asks the same of workloads, and sees none of a chart. */
export const namespaceDeniesTraffic = rule(NamespaceV1, {
  id: "BIST_9",
  title: "Every namespace denies its pods, those of charts included, what no network policy allows them to be told",
  complies: (namespace, stack) =>
    relatedResources(namespace, stack, NetworkPolicyV1, (policy) => policy.metadataInput?.namespace).some(
      ({ specInput: spec }) =>
        Object.keys(spec?.podSelector.matchLabels ?? {}).length === 0 &&
        spec?.policyTypes.includes("Ingress") === true &&
        spec.ingress === undefined,
    ),
  remedy: "add NetworkPolicies, or a NetworkPolicyV1 of type Ingress that selects every pod and allows nothing",
});

/** Whether a selector matches pods with these labels; one without labels matches every pod. */
function selects(
  matchLabels: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}
