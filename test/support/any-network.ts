import type { NetworkOutputs } from "../../stacks/network-stack";

/** A network for stacks whose tests are not about it. */
export const anyNetwork: NetworkOutputs = {
  vpcId: "vpc-1",
  subnets: {
    public: ["subnet-public-1", "subnet-public-2"],
    private: ["subnet-private-1", "subnet-private-2"],
    database: ["subnet-database-1", "subnet-database-2"],
  },
  securityGroups: {
    loadBalancer: "sg-load-balancer",
    applicationNodes: "sg-application-nodes",
    platformNodes: "sg-platform-nodes",
    database: "sg-database",
    cache: "sg-cache",
    endpoints: "sg-endpoints",
  },
};
