import { Eip } from "@cdktf/provider-aws/lib/eip";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Environment } from "../../../config";
import { zoneId } from "./subnet-tier";

export interface NatGatewaysProps {
  readonly prefix: string;
  readonly zones: readonly string[];
  /** Public subnets, in the zones' order. */
  readonly subnets: readonly string[];
  readonly spread: Environment["network"]["natGateways"];
  /** A gateway reaches the Internet only once this is attached. */
  readonly internetGateway: ITerraformDependable;
}

/** The ways out of private subnets, each with a fixed address of its own. */
export class NatGateways extends Construct {
  /** The gateway that each zone uses, in the zones' order; none when nodes are isolated. */
  readonly idsByZone: readonly string[];

  constructor(scope: Construct, id: string, props: NatGatewaysProps) {
    super(scope, id);
    const { zones, spread } = props;
    const hosts = { "per-zone": zones, single: zones.slice(0, 1), none: [] }[spread];
    const gateways = hosts.map((zone, index) => {
      const tags = { Name: `${props.prefix}-nat-${zone}` };
      const address = new Eip(this, `Address${zoneId(zone)}`, {
        domain: "vpc",
        tags,
        dependsOn: [props.internetGateway],
      });
      return new NatGateway(this, zoneId(zone), {
        allocationId: address.id,
        subnetId: props.subnets[index] ?? "",
        tags,
        dependsOn: [props.internetGateway],
      }).id;
    });
    const [first] = gateways;
    this.idsByZone = first === undefined ? [] : zones.map((_, index) => gateways[index] ?? first);
  }
}
