import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { environment } from "../../config";
import { NetworkStack } from "../../stacks/network-stack";
import { resources, synthesize, testApp } from "../support/template";

const production = environment("production");

describe("NetworkStack", () => {
  test("hands on the VPC, every subnet and every security group", () => {
    const { output = {} } = synthesize(new NetworkStack(testApp(), production));
    expect(Object.keys(output).sort()).toEqual([
      ...["application_nodes", "cache", "database", "endpoints", "load_balancer", "platform_nodes"].map(
        (group) => `security_groups_${group}`,
      ),
      ...["database", "private", "public"].flatMap((tier) => [`subnets_${tier}_0`, `subnets_${tier}_1`]),
      "vpc_id",
    ]);
  });

  test("takes endpoints, administrators and the way in from the environment", () => {
    const stack = new NetworkStack(testApp(), { ...production, edge: { ...production.edge, cloudFront: true } });
    expect(resources(stack, VpcEndpoint)).toHaveLength(1 + production.network.interfaceEndpoints.length);
    const open = resources(stack, VpcSecurityGroupIngressRule);
    expect(open.filter(({ cidr_ipv4 }) => cidr_ipv4 === "0.0.0.0/0")).toEqual([]);
    expect(open.filter(({ cidr_ipv4 }) => cidr_ipv4 === "203.0.113.0/24").map(({ from_port }) => from_port)).toEqual([
      22, 22, 3000, 9090,
    ]);
  });
});
