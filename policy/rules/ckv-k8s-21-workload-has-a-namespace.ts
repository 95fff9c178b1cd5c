import { podRule } from "../pods";
import { known } from "../rule";

/** Nothing runs in the default namespace. CKV_K8S_21. */
export const workloadHasANamespace = podRule(
  {
    id: "CKV_K8S_21",
    title: "Nothing runs in the default namespace",
    remedy: "name the namespace in `metadata`",
  },
  ({ namespace }) => (known(namespace) ?? "default") !== "default",
);
