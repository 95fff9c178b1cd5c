import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { resourcesOf } from "../related-resources";
import { podRule, selects } from "../pods";

/** Every pod is under a network policy. CKV2_K8S_6. */
export const podHasANetworkPolicy = podRule(
  {
    id: "CKV2_K8S_6",
    title: "Every pod is under a network policy",
    remedy: "add a NetworkPolicyV1 that selects its labels",
  },
  ({ labels, namespace }, stack) =>
    resourcesOf(stack, NetworkPolicyV1).some(
      (policy) =>
        policy.metadataInput?.namespace === namespace && selects(policy.specInput?.podSelector.matchLabels, labels),
    ),
);
