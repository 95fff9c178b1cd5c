import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import type { TerraformStack } from "cdktf";
import { Network } from "../../../../constructs/aws/network/network";
import type { NetworkProps } from "../../../../constructs/aws/network/network";
import { only, resources, synthesize, testStack } from "../../../support/template";
import type { Block } from "../../../support/template";

const props: NetworkProps = {
  prefix: "bist-trading-test",
  zones: ["us-east-1a", "us-east-1b"],
  cidr: "10.0.0.0/16",
  publicSubnets: ["10.0.1.0/24", "10.0.2.0/24"],
  privateSubnets: ["10.0.10.0/24", "10.0.11.0/24"],
  databaseSubnets: ["10.0.20.0/24", "10.0.21.0/24"],
  natGateways: "per-zone",
};

function networkOf(changes: Partial<NetworkProps> = {}): TerraformStack {
  const stack = testStack();
  new Network(stack, "Network", { ...props, ...changes });
  return stack;
}

const nameOf = (block: Block | undefined) => (block?.["tags"] as { Name: string } | undefined)?.Name;

/** Each subnet's name with the way out that its route table has, by the name of the gateway. */
function waysOut(stack: TerraformStack): Record<string, unknown> {
  const found = synthesize(stack).resource ?? {};
  const referred = (reference: unknown): Block | undefined => {
    const [, type = "", id = ""] = /\$\{(\w+)\.(\w+)\.id\}/.exec(String(reference)) ?? [];
    return found[type]?.[id];
  };
  const routes = resources(stack, Route);
  return Object.fromEntries(
    resources(stack, RouteTableAssociation).map((association) => {
      const route = routes.find((candidate) => candidate["route_table_id"] === association["route_table_id"]);
      const gateway = referred(route?.["gateway_id"] ?? route?.["nat_gateway_id"]);
      expect(route?.["destination_cidr_block"] ?? "0.0.0.0/0").toBe("0.0.0.0/0");
      return [nameOf(referred(association["subnet_id"])) ?? "", nameOf(gateway) ?? "none"];
    }),
  );
}

describe("Network", () => {
  test("is a VPC with names for its addresses", () => {
    expect(only(networkOf(), Vpc)).toEqual({
      cidr_block: "10.0.0.0/16",
      enable_dns_hostnames: true,
      enable_dns_support: true,
      tags: { Name: "bist-trading-test" },
    });
  });

  test("has a subnet of each tier in each zone, and gives no instance a public address", () => {
    const subnets = resources(networkOf(), Subnet);
    expect(subnets.map(({ availability_zone, cidr_block, tags }) => [availability_zone, cidr_block, tags])).toEqual([
      ["us-east-1a", "10.0.20.0/24", { Name: "bist-trading-test-database-us-east-1a" }],
      ["us-east-1b", "10.0.21.0/24", { Name: "bist-trading-test-database-us-east-1b" }],
      [
        "us-east-1a",
        "10.0.10.0/24",
        { Name: "bist-trading-test-private-us-east-1a", "kubernetes.io/role/internal-elb": "1" },
      ],
      [
        "us-east-1b",
        "10.0.11.0/24",
        { Name: "bist-trading-test-private-us-east-1b", "kubernetes.io/role/internal-elb": "1" },
      ],
      ["us-east-1a", "10.0.1.0/24", { Name: "bist-trading-test-public-us-east-1a", "kubernetes.io/role/elb": "1" }],
      ["us-east-1b", "10.0.2.0/24", { Name: "bist-trading-test-public-us-east-1b", "kubernetes.io/role/elb": "1" }],
    ]);
    expect(subnets.map((subnet) => subnet["map_public_ip_on_launch"])).toEqual(Array(6).fill(false));
  });

  test("lets each zone out through its own NAT gateway, and the database nowhere", () => {
    expect(waysOut(networkOf())).toEqual({
      "bist-trading-test-public-us-east-1a": "bist-trading-test",
      "bist-trading-test-public-us-east-1b": "bist-trading-test",
      "bist-trading-test-private-us-east-1a": "bist-trading-test-nat-us-east-1a",
      "bist-trading-test-private-us-east-1b": "bist-trading-test-nat-us-east-1b",
      "bist-trading-test-database-us-east-1a": "none",
      "bist-trading-test-database-us-east-1b": "none",
    });
  });

  test("places each NAT gateway in its zone's public subnet, with an address of its own", () => {
    const stack = networkOf();
    const gateways = resources(stack, NatGateway);
    expect(gateways.map((gateway) => gateway["subnet_id"])).toEqual([
      expect.stringContaining("Public_ZoneA"),
      expect.stringContaining("Public_ZoneB"),
    ]);
    expect(new Set(gateways.map((gateway) => gateway["allocation_id"])).size).toBe(2);
    for (const block of [...gateways, ...resources(stack, Eip)]) {
      expect(block).toMatchObject({ depends_on: [expect.stringMatching(/^aws_internet_gateway\./)] });
    }
  });

  test("shares one NAT gateway when told to", () => {
    const stack = networkOf({ natGateways: "single" });
    expect(resources(stack, NatGateway)).toHaveLength(1);
    expect(waysOut(stack)).toMatchObject({
      "bist-trading-test-private-us-east-1a": "bist-trading-test-nat-us-east-1a",
      "bist-trading-test-private-us-east-1b": "bist-trading-test-nat-us-east-1a",
    });
  });

  test("isolates private subnets when told to, with the same route tables", () => {
    const stack = networkOf({ natGateways: "none" });
    expect(resources(stack, NatGateway)).toEqual([]);
    expect(resources(stack, Eip)).toEqual([]);
    expect(waysOut(stack)).toMatchObject({
      "bist-trading-test-private-us-east-1a": "none",
      "bist-trading-test-private-us-east-1b": "none",
    });
    const tables = (of: TerraformStack) => Object.keys(synthesize(of).resource?.[RouteTable.tfResourceType] ?? {});
    expect(tables(stack)).toEqual(tables(networkOf()));
  });

  test("closes the default security group, and says so in a way that a plan notices changes", () => {
    expect(only(networkOf(), DefaultSecurityGroup)).toMatchObject({ ingress: [], egress: [] });
  });

  test("refuses a tier without a subnet in each zone", () => {
    expect(() => networkOf({ privateSubnets: ["10.0.10.0/24"] })).toThrow(
      "test/Network/Private: 1 subnets for 2 zones; give one a zone",
    );
  });
});
