import { containerRule } from "../pods";

/** No container runs as root. CKV_K8S_23. */
export const containerNotRoot = containerRule(
  {
    id: "CKV_K8S_23",
    title: "No container runs as root",
    remedy: "set `runAsNonRoot`",
  },
  ({ securityContext }, pod) => (securityContext?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) === true,
);
