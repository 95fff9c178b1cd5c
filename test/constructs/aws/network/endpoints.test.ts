import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Endpoints } from "../../../../constructs/aws/network/endpoints";
import type { EndpointsProps } from "../../../../constructs/aws/network/endpoints";
import { resources, testStack } from "../../../support/template";

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
