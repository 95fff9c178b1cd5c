import { ClusterRoleBindingV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-binding-v1";
import { ClusterRoleV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-v1";
import { Construct } from "constructs";
import { VIEWER_GROUP } from "./cluster-access";

/**
 * What a plan of the Kubernetes stacks reads and EKS's own view policy leaves out: rights themselves and storage
 * classes. Secrets are not among them: Terraform declares none, and Helm keeps its releases in config maps.
 */
const rules = [
  { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"] },
  {
    apiGroups: ["rbac.authorization.k8s.io"],
    resources: ["clusterroles", "clusterrolebindings", "roles", "rolebindings"],
  },
];

/** Lets those who only look see all of what Terraform declares in the cluster. */
export class ViewerRights extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new ClusterRoleV1(this, "Role", {
      metadata: { name: VIEWER_GROUP },
      rule: rules.map((rule) => ({ ...rule, verbs: ["get", "list", "watch"] })),
    });
    const apiGroup = "rbac.authorization.k8s.io";
    new ClusterRoleBindingV1(this, "Binding", {
      metadata: { name: VIEWER_GROUP },
      roleRef: { apiGroup, kind: "ClusterRole", name: role.metadata.name },
      subject: [{ apiGroup, kind: "Group", name: VIEWER_GROUP }],
    });
  }
}
