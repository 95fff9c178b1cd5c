import { podRule, isFalse } from "../pods";

/** No pod mounts a token for the Kubernetes API. CKV_K8S_38. */
export const podMountsNoToken = podRule(
  {
    id: "CKV_K8S_38",
    title: "No pod mounts a token for the Kubernetes API",
    remedy: "set `automountServiceAccountToken: false`",
  },
  ({ pod }) => isFalse(pod.automountServiceAccountToken),
);
