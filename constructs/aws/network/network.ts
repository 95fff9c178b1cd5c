import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { Construct } from "constructs";
import type { Environment } from "../../../config";
import { NatGateways } from "./nat-gateways";
import { Routes } from "./routes";
import { SubnetTier } from "./subnet-tier";
import type { SubnetIds } from "./subnet-tier";

export interface NetworkProps extends Pick<
  Environment["network"],
  "cidr" | "publicSubnets" | "privateSubnets" | "databaseSubnets" | "natGateways"
> {
  readonly prefix: string;
  readonly zones: readonly string[];
}

/**
 * A VPC with three tiers: public subnets for the load balancer and the NAT gateways, private ones for nodes and pods,
 * and database subnets that have no way in or out of the VPC at all.
 */
export class Network extends Construct {
  readonly vpcId: string;
  readonly subnets: SubnetIds;
  /** One a zone, in the zones' order. */
  readonly privateRouteTables: readonly string[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { prefix, zones } = props;
    const vpc = new Vpc(this, "Vpc", {
      cidrBlock: props.cidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: prefix },
    });
    // Takes every rule away from the group that AWS puts a network interface in when it names none.
    const closed = new DefaultSecurityGroup(this, "DefaultSecurityGroup", {
      vpcId: vpc.id,
      tags: { Name: `${prefix}-default-closed` },
    });
    // Said outright, so that a rule that somebody adds shows in the next plan; cdktf leaves empty lists out.
    closed.addOverride("ingress", []);
    closed.addOverride("egress", []);
    const internetGateway = new InternetGateway(this, "InternetGateway", { vpcId: vpc.id, tags: { Name: prefix } });

    const tier = (name: string, cidrs: readonly string[], tags: Readonly<Record<string, string>> = {}) =>
      new SubnetTier(this, name, { name: `${prefix}-${name.toLowerCase()}`, vpcId: vpc.id, zones, cidrs, tags }).ids;
    this.subnets = {
      public: tier("Public", props.publicSubnets, { "kubernetes.io/role/elb": "1" }),
      private: tier("Private", props.privateSubnets, { "kubernetes.io/role/internal-elb": "1" }),
      database: tier("Database", props.databaseSubnets),
    };
    const nat = new NatGateways(this, "Nat", {
      prefix,
      zones,
      subnets: this.subnets.public,
      spread: props.natGateways,
      internetGateway,
    });
    const routes = new Routes(this, "Routes", {
      prefix,
      vpcId: vpc.id,
      zones,
      subnets: this.subnets,
      internetGatewayId: internetGateway.id,
      natGateways: nat.idsByZone,
    });
    this.vpcId = vpc.id;
    this.privateRouteTables = routes.privateTables;
  }
}
