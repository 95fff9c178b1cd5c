import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Construct } from "constructs";
import { check } from "../../support/check";

export interface SubnetTierProps {
  /** Name of every subnet, before its zone, for example `bist-trading-prod-public`. */
  readonly name: string;
  readonly vpcId: string;
  readonly zones: readonly string[];
  /** Address ranges, one a zone, in the zones' order. */
  readonly cidrs: readonly string[];
  /** Tags by which controllers find the subnets. @default none */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Subnet ids of each tier, in the zones' order. */
export interface SubnetIds {
  readonly public: readonly string[];
  readonly private: readonly string[];
  readonly database: readonly string[];
}

/**
 * Subnets for one purpose, one in each zone. No instance gets a public address by being placed in one, which differs from
 * the guide: the load balancer and the NAT gateways bring their own.
 */
export class SubnetTier extends Construct {
  /** In the zones' order. */
  readonly ids: readonly string[];

  constructor(scope: Construct, id: string, { name, vpcId, zones, cidrs, tags }: SubnetTierProps) {
    super(scope, id);
    check(this, [
      [cidrs.length === zones.length, `${cidrs.length} subnets for ${zones.length} zones; give one a zone`],
    ]);
    this.ids = zones.map(
      (zone, index) =>
        new Subnet(this, zoneId(zone), {
          vpcId,
          availabilityZone: zone,
          cidrBlock: cidrs[index],
          mapPublicIpOnLaunch: false,
          tags: { ...tags, Name: `${name}-${zone}` },
        }).id,
    );
  }
}

/** Construct id of what exists once a zone: its last letter, so that `us-east-1a` and its kind read `ZoneA`. */
export function zoneId(zone: string): string {
  return `Zone${zone.slice(-1).toUpperCase()}`;
}
