import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { relatedResources } from "../related-resources";
import { rule } from "../rule";

/** Every namespace denies what no policy allows, to pods of charts as well. BIST_9, beside CKV2_K8S_6. */
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
