import { containerRule, isFalse } from "../pods";

/** No process of a container can gain rights. CKV_K8S_20. */
export const containerGainsNoRights = containerRule(
  {
    id: "CKV_K8S_20",
    title: "No process of a container can gain rights",
    remedy: "set `securityContext.allowPrivilegeEscalation: false`",
  },
  ({ securityContext }) => isFalse(securityContext?.allowPrivilegeEscalation),
);
