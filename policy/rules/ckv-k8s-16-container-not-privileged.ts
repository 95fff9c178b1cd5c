import { containerRule } from "../pods";

/** No container is privileged. CKV_K8S_16. */
export const containerNotPrivileged = containerRule(
  {
    id: "CKV_K8S_16",
    title: "No container is privileged",
    remedy: "remove `privileged`",
  },
  ({ securityContext }) => securityContext?.privileged !== true,
);
