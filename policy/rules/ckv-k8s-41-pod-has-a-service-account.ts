import { podRule } from "../pods";
import { known } from "../rule";

/** No pod runs under the default service account. CKV_K8S_41. */
export const podHasAServiceAccount = podRule(
  {
    id: "CKV_K8S_41",
    title: "No pod runs under the default service account",
    remedy: "give the pod a service account of its own",
  },
  ({ pod }) => (known(pod.serviceAccountName) ?? "default") !== "default",
);
