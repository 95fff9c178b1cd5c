import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog as FlowLogResource } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { EncryptionKey } from "../../../../constructs/aws/encryption/encryption-key";
import { DatabaseAcl } from "../../../../constructs/aws/network/database-acl";
import { Endpoints } from "../../../../constructs/aws/network/endpoints";
import type { EndpointsProps } from "../../../../constructs/aws/network/endpoints";
import { FlowLog } from "../../../../constructs/aws/network/flow-log";
import { only, resources, testStack } from "../../../support/template";

const account = { accountId: "111122223333", region: "us-east-1" };

describe("Endpoints", () => {
  const props: EndpointsProps = {
    prefix: "bist-trading-test",
    account,
    vpcId: "vpc-1",
    subnets: ["subnet-1", "subnet-2"],
    routeTables: ["rtb-1", "rtb-2"],
    securityGroup: "sg-1",
    services: ["sts", "ecr.api"],
    isolated: false,
  };
  const endpoints = (changes: Partial<EndpointsProps> = {}) => {
    const stack = testStack();
    new Endpoints(stack, "Endpoints", { ...props, ...changes });
    const found = resources(stack, VpcEndpoint);
    const ofType = (type: string) => found.filter((endpoint) => endpoint["vpc_endpoint_type"] === type);
    return { gateways: ofType("Gateway"), interfaces: ofType("Interface") };
  };

  test("reach S3 from every private route table, for this account's principals and AWS's own downloads", () => {
    const [s3, ...others] = endpoints().gateways;
    expect(others).toEqual([]);
    expect(s3).toMatchObject({
      service_name: "com.amazonaws.us-east-1.s3",
      route_table_ids: ["rtb-1", "rtb-2"],
    });
    const { Statement } = JSON.parse(String(s3?.["policy"])) as { Statement: object[] };
    expect(Statement).toEqual([
      {
        Sid: "OwnPrincipals",
        Effect: "Allow",
        Principal: "*",
        Action: ["s3:*"],
        Resource: ["*"],
        Condition: { StringEquals: { "aws:PrincipalAccount": ["111122223333"] } },
      },
      {
        Sid: "AwsDownloads",
        Effect: "Allow",
        Principal: "*",
        Action: ["s3:GetObject"],
        Resource: ["arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*", "arn:aws:s3:::al2023-repos-us-east-1-*/*"],
      },
    ]);
  });

  test("reach every other service by its own name, in every zone", () => {
    expect(endpoints().interfaces).toEqual(
      ["ecr.api", "sts"].map((service) => ({
        vpc_id: "vpc-1",
        service_name: `com.amazonaws.us-east-1.${service}`,
        vpc_endpoint_type: "Interface",
        private_dns_enabled: true,
        subnet_ids: ["subnet-1", "subnet-2"],
        security_group_ids: ["sg-1"],
        tags: { Name: `bist-trading-test-${service}` },
      })),
    );
  });

  test("name what isolated nodes would lack", () => {
    expect(() => endpoints({ isolated: true })).toThrow(
      "test/Endpoints: natGateways is none and interfaceEndpoints lack ec2, ecr.dkr, eks, eks-auth: " +
        "nodes could not join the cluster",
    );
    const enough = ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts"];
    expect(endpoints({ isolated: true, services: enough }).interfaces).toHaveLength(6);
  });
});

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

describe("FlowLog", () => {
  const stack = testStack();
  const key = new EncryptionKey(stack, "Key", {
    alias: "test",
    description: "test",
    account,
    services: ["logs.us-east-1.amazonaws.com"],
    protection: true,
  });
  new FlowLog(stack, "FlowLog", { prefix: "bist-trading-test", account, vpcId: "vpc-1", retentionDays: 365, key });

  test("records accepted and refused traffic every minute, encrypted and for as long as asked", () => {
    expect(only(stack, FlowLogResource)).toMatchObject({
      vpc_id: "vpc-1",
      traffic_type: "ALL",
      max_aggregation_interval: 60,
      log_destination: expect.stringContaining("aws_cloudwatch_log_group.FlowLog_LogGroup") as string,
    });
    expect(only(stack, CloudwatchLogGroup)).toEqual({
      name: "/aws/vpc/bist-trading-test/flow",
      retention_in_days: 365,
      kms_key_id: expect.stringMatching(/^\$\{aws_kms_key\.Key_\w+\.arn\}$/) as string,
    });
  });

  test("may write to its own log group only, for this account only", () => {
    const [write, find, ...more] = (
      JSON.parse(String(only(stack, IamRolePolicy)["policy"])) as {
        Statement: { Action: string[]; Resource: string[] }[];
      }
    ).Statement;
    expect(write?.Resource).toEqual([expect.stringMatching(/^\$\{aws_cloudwatch_log_group\.\w+\.arn\}:\*$/)]);
    expect(find?.Action).toEqual(["logs:DescribeLogGroups"]);
    expect(more).toEqual([]);
    expect(JSON.parse(String(only(stack, IamRole)["assume_role_policy"]))).toMatchObject({
      Statement: [
        {
          Principal: { Service: ["vpc-flow-logs.amazonaws.com"] },
          Condition: { StringEquals: { "aws:SourceAccount": ["111122223333"] } },
        },
      ],
    });
  });
});
