import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import { Construct } from "constructs";
import type { FirewallPorts } from "./firewall";

export interface DatabaseAclProps {
  readonly prefix: string;
  readonly vpcId: string;
  readonly vpcCidr: string;
  readonly subnets: readonly string[];
  /** Ranges of those subnets. */
  readonly cidrs: readonly string[];
  readonly ports: FirewallPorts;
}

const EPHEMERAL = { fromPort: 1024, toPort: 65535 };

/**
 * The second fence around the database subnets: whatever a security group may come to allow, nothing outside the VPC
 * talks to them, and nothing inside but on the database's and the cache's port. The rules know no connections, so
 * answers are let through as well, and so is what replicas ask each other.
 */
export class DatabaseAcl extends Construct {
  constructor(scope: Construct, id: string, props: DatabaseAclProps) {
    super(scope, id);
    const allow = (ruleNo: number, cidrBlock: string, ports: { fromPort: number; toPort: number }) => ({
      ruleNo,
      action: "allow",
      protocol: "tcp",
      cidrBlock,
      ...ports,
    });
    const only = (port: number) => ({ fromPort: port, toPort: port });
    new NetworkAcl(this, "Resource", {
      vpcId: props.vpcId,
      subnetIds: [...props.subnets],
      ingress: [
        allow(100, props.vpcCidr, only(props.ports.postgresql)),
        allow(110, props.vpcCidr, only(props.ports.redis)),
        ...props.cidrs.map((cidr, index) => allow(200 + 10 * index, cidr, EPHEMERAL)),
      ],
      egress: [allow(100, props.vpcCidr, EPHEMERAL)],
      tags: { Name: `${props.prefix}-database` },
    });
  }
}
