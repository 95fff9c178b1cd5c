import { DataAwsEc2ManagedPrefixList } from "@cdktf/provider-aws/lib/data-aws-ec2-managed-prefix-list";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { TerraformStack } from "cdktf";
import { SecurityGroups } from "../../../../constructs/aws/network/security-groups";
import type { SecurityGroupsProps } from "../../../../constructs/aws/network/security-groups";
import { dataSources, resources, synthesize, testStack } from "../../../support/template";
import type { Block } from "../../../support/template";

const props: SecurityGroupsProps = {
  prefix: "bist-trading-test",
  vpcId: "vpc-1",
  vpcCidr: "10.0.0.0/16",
  administratorCidrs: ["203.0.113.0/24", "198.51.100.7/32"],
  entrance: "internet",
  ports: { postgresql: 5432, redis: 6379 },
};

function firewallOf(changes: Partial<SecurityGroupsProps> = {}): TerraformStack {
  const stack = testStack();
  new SecurityGroups(stack, "Firewall", { ...props, ...changes });
  return stack;
}

/** Rules as `group port <- peer` or `group port -> peer`, with the names of groups for their references. */
function rules(stack: TerraformStack, type: typeof VpcSecurityGroupIngressRule | typeof VpcSecurityGroupEgressRule) {
  const groups = synthesize(stack).resource?.[SecurityGroup.tfResourceType] ?? {};
  const name = (reference: unknown) => {
    const [, id = ""] = /aws_security_group\.(\w+)\.id/.exec(String(reference)) ?? [];
    const tags = groups[id]?.["tags"] as { Name: string } | undefined;
    return tags?.Name.replace("bist-trading-test-", "") ?? String(reference);
  };
  const peer = (rule: Block) =>
    [rule["cidr_ipv4"], rule["prefix_list_id"]].find((end) => typeof end === "string") ??
    name(rule["referenced_security_group_id"]);
  const arrow = type === VpcSecurityGroupIngressRule ? "<-" : "->";
  return resources(stack, type)
    .map((rule) => {
      expect(rule).toMatchObject({ ip_protocol: "tcp", from_port: rule["to_port"] });
      return `${name(rule["security_group_id"])} ${String(rule["from_port"])} ${arrow} ${peer(rule)}`;
    })
    .sort();
}

const ingress = (stack: TerraformStack) => rules(stack, VpcSecurityGroupIngressRule);
const egress = (stack: TerraformStack) => rules(stack, VpcSecurityGroupEgressRule);

/** The guide's firewall table, typed again from its text: service, port, source, and what that opens here. */
const guide: [service: string, ports: string, source: string, opens: string[]][] = [
  ["Load Balancer", "80, 443", "Internet", ["load-balancer 80 <- 0.0.0.0/0", "load-balancer 443 <- 0.0.0.0/0"]],
  ["User Management", "8081", "Load Balancer", ["application-nodes 8081 <- load-balancer"]],
  ["Market Data", "8082", "Load Balancer", ["application-nodes 8082 <- load-balancer"]],
  ["Broker Integration", "8083", "Load Balancer", ["application-nodes 8083 <- load-balancer"]],
  ["PostgreSQL", "5432", "App Servers", ["database 5432 <- application-nodes"]],
  ["Redis", "6379", "App Servers", ["cache 6379 <- application-nodes"]],
  [
    "Prometheus",
    "9090",
    "Monitoring",
    [
      "platform-nodes 9090 <- platform-nodes",
      "platform-nodes 9090 <- 203.0.113.0/24",
      "platform-nodes 9090 <- 198.51.100.7/32",
    ],
  ],
  [
    "Grafana",
    "3000",
    "Admins",
    [
      "platform-nodes 3000 <- load-balancer",
      "platform-nodes 3000 <- 203.0.113.0/24",
      "platform-nodes 3000 <- 198.51.100.7/32",
    ],
  ],
  [
    "SSH",
    "22",
    "Admin IPs",
    [
      "application-nodes 22 <- 203.0.113.0/24",
      "application-nodes 22 <- 198.51.100.7/32",
      "platform-nodes 22 <- 203.0.113.0/24",
      "platform-nodes 22 <- 198.51.100.7/32",
    ],
  ],
];
/** What is reached besides: AWS's own services, by their endpoints in the VPC. */
const beside = ["endpoints 443 <- 10.0.0.0/16"];

describe("the guide's firewall", () => {
  const open = ingress(firewallOf());

  test.each(guide)("%s: %s from %s", (_service, ports, _source, opens) => {
    const expectedPorts = ports.split(", ").map(Number);
    const found = open.filter((rule) => opens.includes(rule));
    expect(found).toEqual([...opens].sort());
    expect([...new Set(found.map((rule) => Number(rule.split(" ")[1])))].sort()).toEqual(expectedPorts.sort());
  });

  test("is the whole of it: no other rule lets anything in", () => {
    expect(open).toEqual([...guide.flatMap(([, , , opens]) => opens), ...beside].sort());
  });

  test("lets out only what a group may reach in another, and nothing from the database and the cache", () => {
    expect(egress(firewallOf())).toEqual([
      "application-nodes 5432 -> database",
      "application-nodes 6379 -> cache",
      "load-balancer 3000 -> platform-nodes",
      "load-balancer 8081 -> application-nodes",
      "load-balancer 8082 -> application-nodes",
      "load-balancer 8083 -> application-nodes",
      "platform-nodes 9090 -> platform-nodes",
    ]);
  });

  test("has no SSH, and keeps monitoring to itself, where nobody is an administrator", () => {
    const left = ingress(firewallOf({ administratorCidrs: [] }));
    expect(left.filter((rule) => rule.includes(" 22 "))).toEqual([]);
    expect(left.filter((rule) => / (9090|3000) /.test(rule))).toEqual([
      "platform-nodes 3000 <- load-balancer",
      "platform-nodes 9090 <- platform-nodes",
    ]);
  });

  test("behind CloudFront opens the load balancer to its prefix list only, on the one port that fits in a group", () => {
    const stack = firewallOf({ entrance: "CloudFront" });
    const [list] = dataSources(stack, DataAwsEc2ManagedPrefixList);
    expect(list).toEqual({ name: "com.amazonaws.global.cloudfront.origin-facing" });
    expect(ingress(stack).filter((rule) => rule.startsWith("load-balancer"))).toEqual([
      expect.stringMatching(/^load-balancer 443 <- \$\{data\.aws_ec2_managed_prefix_list\.\w+\.id\}$/),
    ]);
  });

  test("follows the ports that the database and the cache listen on", () => {
    expect(ingress(firewallOf({ ports: { postgresql: 6432, redis: 7379 } }))).toEqual(
      expect.arrayContaining(["database 6432 <- application-nodes", "cache 7379 <- application-nodes"]),
    );
  });
});

describe("SecurityGroups", () => {
  test("describe every rule and can be replaced while they are in use", () => {
    const stack = firewallOf();
    for (const group of resources(stack, SecurityGroup)) {
      expect(group).toMatchObject({ name_prefix: expect.stringMatching(/-$/) as string, description: /./ });
      expect(group).toMatchObject({ lifecycle: { create_before_destroy: true } });
      expect(group).not.toHaveProperty("ingress");
    }
    const descriptions = [
      ...resources(stack, VpcSecurityGroupIngressRule),
      ...resources(stack, VpcSecurityGroupEgressRule),
    ].map((rule) => rule["description"]);
    // What EC2 takes in a rule's description.
    for (const description of descriptions) {
      expect(description).toMatch(/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/);
    }
    expect(descriptions).toContain("Internal API: market-data 8082 from load balancer");
  });
});
