import { ClusterRoleV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import { known, rule } from "../rule";

/** No role allows everything on a kind, or something on every kind. CKV_K8S_49. */
export const noWildcardInRoles = rule<RoleV1 | ClusterRoleV1>([RoleV1, ClusterRoleV1], {
  id: "CKV_K8S_49",
  title: "No role allows everything on a kind, or something on every kind",
  complies: ({ ruleInput }) =>
    (known(ruleInput) ?? []).every(({ verbs, resources }) => !verbs.includes("*") && resources?.includes("*") !== true),
  remedy: "name the verbs and the resources",
});
