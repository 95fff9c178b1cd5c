import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { known, rule } from "../rule";

/** All five kinds of control-plane logs are kept. CKV_AWS_37. */
export const clusterControlPlaneLogged = rule(EksCluster, {
  id: "CKV_AWS_37",
  title: "All five kinds of control-plane logs are kept",
  complies: (cluster) => {
    const kept = known(cluster.enabledClusterLogTypesInput) ?? [];
    return ["api", "audit", "authenticator", "controllerManager", "scheduler"].every((type) => kept.includes(type));
  },
  remedy: "enable api, audit, authenticator, controllerManager and scheduler logs",
});
