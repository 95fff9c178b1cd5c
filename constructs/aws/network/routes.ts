import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Construct } from "constructs";
import { pascalCase } from "../../support/pascal-case";
import { zoneId } from "./subnet-tier";
import type { SubnetIds } from "./subnet-tier";

export interface RoutesProps {
  readonly prefix: string;
  readonly vpcId: string;
  readonly zones: readonly string[];
  readonly subnets: SubnetIds;
  readonly internetGatewayId: string;
  /** Each zone's gateway, in the zones' order; empty isolates the private subnets. */
  readonly natGateways: readonly string[];
}

/**
 * Where traffic may leave: public subnets through the Internet gateway, private ones through their zone's NAT gateway,
 * database subnets nowhere. Private tables are one a zone however many gateways there are, so that changing their
 * number replaces routes only.
 */
export class Routes extends Construct {
  /** In the zones' order. */
  readonly privateTables: readonly string[];

  constructor(scope: Construct, id: string, props: RoutesProps) {
    super(scope, id);
    const { prefix, vpcId, zones, subnets, natGateways } = props;
    const table = (name: string, label: string) =>
      new RouteTable(this, name, { vpcId, tags: { Name: `${prefix}-${label}` } }).id;
    const use = (routeTableId: string, tier: keyof typeof subnets, zone: string) =>
      new RouteTableAssociation(this, `${pascalCase(tier)}${zoneId(zone)}`, {
        routeTableId,
        subnetId: subnets[tier][zones.indexOf(zone)],
      });
    const anywhere = { destinationCidrBlock: "0.0.0.0/0" };

    const open = table("Public", "public");
    new Route(this, "PublicDefault", { routeTableId: open, ...anywhere, gatewayId: props.internetGatewayId });
    const isolated = table("Database", "database");
    this.privateTables = zones.map((zone, index) => {
      const ownTable = table(`PrivateTable${zoneId(zone)}`, `private-${zone}`);
      const natGatewayId = natGateways[index];
      if (natGatewayId !== undefined) {
        new Route(this, `PrivateDefault${zoneId(zone)}`, { routeTableId: ownTable, ...anywhere, natGatewayId });
      }
      use(open, "public", zone);
      use(ownTable, "private", zone);
      use(isolated, "database", zone);
      return ownTable;
    });
  }
}
