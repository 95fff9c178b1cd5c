import { DataAwsEc2ManagedPrefixList } from "@cdktf/provider-aws/lib/data-aws-ec2-managed-prefix-list";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import { pascalCase } from "../../support/pascal-case";
import { firewall, groups, isGroup, words } from "./firewall";
import type { Entrance, FirewallPorts, FirewallRow, Group, Party } from "./firewall";

export interface SecurityGroupsProps {
  readonly prefix: string;
  readonly vpcId: string;
  readonly vpcCidr: string;
  /** Networks of the administrators; none closes what only they may reach. */
  readonly administratorCidrs: readonly string[];
  readonly entrance: Entrance;
  readonly ports: FirewallPorts;
}

/** AWS's list of the addresses that CloudFront asks origins from. */
export const CLOUDFRONT_PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing";

/** The other end of a rule, and the construct id part that tells it from its sisters. */
interface Peer {
  readonly id: string;
  readonly cidrIpv4?: string;
  readonly prefixListId?: string;
  readonly referencedSecurityGroupId?: string;
}

/**
 * Every security group of the platform with exactly the rules of the firewall table. A row between two groups opens
 * both ends: what its source may send as well as what its target takes. Nodes reach everything else (the control plane,
 * AWS, the broker) through the cluster's own group, which EKS keeps open outwards.
 */
export class SecurityGroups extends Construct {
  readonly ids: Readonly<Record<Group, string>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SecurityGroupsProps,
  ) {
    super(scope, id);
    const group = (name: Group) => {
      const physicalName = `${props.prefix}-${words(name).replace(" ", "-")}`;
      return new SecurityGroup(this, pascalCase(name), {
        namePrefix: `${physicalName}-`,
        description: groups[name],
        vpcId: props.vpcId,
        tags: { Name: physicalName },
        // A group in use cannot be deleted: its successor comes first.
        lifecycle: { createBeforeDestroy: true },
      }).id;
    };
    this.ids = {
      loadBalancer: group("loadBalancer"),
      applicationNodes: group("applicationNodes"),
      platformNodes: group("platformNodes"),
      database: group("database"),
      cache: group("cache"),
      endpoints: group("endpoints"),
    };
    for (const row of firewall(props.entrance, props.ports)) this.open(row);
  }

  private open(row: FirewallRow): void {
    for (const target of row.on) {
      for (const source of row.from) {
        for (const port of row.ports) {
          const rule = {
            ipProtocol: "tcp",
            fromPort: port,
            toPort: port,
            description: `${row.purpose}: ${row.service} ${port} from ${words(source)}`,
          };
          for (const { id, ...peer } of this.peers(source)) {
            new VpcSecurityGroupIngressRule(this, `${pascalCase(target)}${port}From${id}`, {
              securityGroupId: this.ids[target],
              ...rule,
              ...peer,
            });
          }
          if (isGroup(source)) {
            new VpcSecurityGroupEgressRule(this, `${pascalCase(source)}${port}To${pascalCase(target)}`, {
              securityGroupId: this.ids[source],
              ...rule,
              referencedSecurityGroupId: this.ids[target],
            });
          }
        }
      }
    }
  }

  private peers(source: Party): readonly Peer[] {
    switch (source) {
      case "internet":
        return [{ id: "Internet", cidrIpv4: "0.0.0.0/0" }];
      case "CloudFront": {
        const list = new DataAwsEc2ManagedPrefixList(this, "CloudFront", { name: CLOUDFRONT_PREFIX_LIST });
        return [{ id: "CloudFront", prefixListId: list.id }];
      }
      case "administrators":
        return this.props.administratorCidrs.map((cidrIpv4) => ({
          id: `Administrators-${cidrIpv4.replace(/[./]/g, "-")}`,
          cidrIpv4,
        }));
      case "VPC":
        return [{ id: "Vpc", cidrIpv4: this.props.vpcCidr }];
      default:
        return [{ id: pascalCase(source), referencedSecurityGroupId: this.ids[source] }];
    }
  }
}
