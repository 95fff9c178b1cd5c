import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { known, rule } from "../rule";

/** The public API endpoint, if any, answers named networks only. CKV_AWS_38. */
export const clusterEndpointNotOpen = rule(EksCluster, {
  id: "CKV_AWS_38",
  title: "The public API endpoint, if any, answers named networks only",
  complies: (cluster) => {
    const { endpointPublicAccess, publicAccessCidrs = [] } = cluster.vpcConfigInput ?? {};
    if (known(endpointPublicAccess) === false) return true;
    return publicAccessCidrs.length > 0 && publicAccessCidrs.every((cidr) => !known(cidr).endsWith("/0"));
  },
  remedy: "name the networks in `cluster.publicEndpointCidrs`, or leave it empty for a private endpoint",
});
