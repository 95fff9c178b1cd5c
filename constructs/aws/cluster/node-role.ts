import type { Construct } from "constructs";
import { ServiceRole } from "../iam/service-role";

/**
 * What every node may do: join the cluster, pull images, and be reached by Session Manager, which needs no open port and
 * no key. The rights of pods are not the nodes': those come by Pod Identity.
 */
export class NodeRole extends ServiceRole {
  constructor(scope: Construct, id: string, clusterName: string) {
    super(scope, id, {
      name: `${clusterName}-node`,
      description: `Nodes of the cluster ${clusterName}`,
      service: "ec2.amazonaws.com",
      managedPolicies: [
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
      ],
    });
  }
}
