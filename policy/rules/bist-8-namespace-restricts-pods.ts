import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { known, rule } from "../rule";

/** Every namespace enforces the restricted Pod Security standard. BIST_8. */
export const namespaceRestrictsPods = rule(NamespaceV1, {
  id: "BIST_8",
  title: "Every namespace enforces the restricted Pod Security standard",
  complies: ({ metadataInput }) =>
    known(metadataInput?.labels)?.["pod-security.kubernetes.io/enforce"] === "restricted",
  remedy: "set the label `pod-security.kubernetes.io/enforce: restricted`",
  optOut: "pod-security.kubernetes.io/enforce",
});
