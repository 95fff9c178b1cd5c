import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import { DatabaseAcl } from "../../../../constructs/aws/network/database-acl";
import { only, testStack } from "../../../support/template";

describe("DatabaseAcl", () => {
  test("lets the VPC ask the database and the cache, lets answers out, and nothing else", () => {
    const stack = testStack();
    new DatabaseAcl(stack, "DatabaseAcl", {
      prefix: "bist-trading-test",
      vpcId: "vpc-1",
      vpcCidr: "10.0.0.0/16",
      subnets: ["subnet-1", "subnet-2"],
      cidrs: ["10.0.20.0/24", "10.0.21.0/24"],
      ports: { postgresql: 5432, redis: 6379 },
    });
    const allow = (rule_no: number, cidr_block: string, from_port: number, to_port: number) => ({
      rule_no,
      cidr_block,
      from_port,
      to_port,
      action: "allow",
      protocol: "tcp",
    });
    expect(only(stack, NetworkAcl)).toMatchObject({
      subnet_ids: ["subnet-1", "subnet-2"],
      ingress: [
        allow(100, "10.0.0.0/16", 5432, 5432),
        allow(110, "10.0.0.0/16", 6379, 6379),
        allow(200, "10.0.20.0/24", 1024, 65535),
        allow(210, "10.0.21.0/24", 1024, 65535),
      ],
      egress: [allow(100, "10.0.0.0/16", 1024, 65535)],
    });
  });
});
