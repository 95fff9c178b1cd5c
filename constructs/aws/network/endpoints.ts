import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Construct } from "constructs";
import { policyDocument } from "../iam/policy-document";
import type { Account } from "../../../config/account";
import { check } from "../../support/check";

export interface EndpointsProps {
  readonly prefix: string;
  readonly account: Account;
  readonly vpcId: string;
  readonly subnets: readonly string[];
  readonly routeTables: readonly string[];
  readonly securityGroup: string;
  /** Short names of AWS services, for example `ecr.api`. */
  readonly services: readonly string[];
  /** Whether the subnets reach AWS through endpoints only. */
  readonly isolated: boolean;
}

/** What a node calls before it can join: https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html */
const NEEDED_TO_JOIN = ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts"];

/** Ways to AWS's own services that do not leave the VPC: a gateway for S3, an interface for every other service. */
export class Endpoints extends Construct {
  constructor(scope: Construct, id: string, props: EndpointsProps) {
    super(scope, id);
    const { account, prefix, vpcId } = props;
    const missing = NEEDED_TO_JOIN.filter((service) => !props.services.includes(service));
    check(this, [
      [
        !props.isolated || missing.length === 0,
        `natGateways is none and interfaceEndpoints lack ${missing.join(", ")}: nodes could not join the cluster`,
      ],
    ]);

    const name = (service: string) => `com.amazonaws.${account.region}.${service}`;
    new VpcEndpoint(this, "S3", {
      vpcId,
      serviceName: name("s3"),
      vpcEndpointType: "Gateway",
      routeTableIds: [...props.routeTables],
      policy: policyDocument([
        {
          sid: "OwnPrincipals",
          principals: "*",
          actions: ["s3:*"],
          resources: ["*"],
          conditions: { StringEquals: { "aws:PrincipalAccount": [account.accountId] } },
        },
        {
          // Image layers and operating-system packages lie in AWS's buckets and are fetched under AWS's own name.
          sid: "AwsDownloads",
          principals: "*",
          actions: ["s3:GetObject"],
          resources: [
            `arn:aws:s3:::prod-${account.region}-starport-layer-bucket/*`,
            `arn:aws:s3:::al2023-repos-${account.region}-*/*`,
          ],
        },
      ]),
      tags: { Name: `${prefix}-s3` },
    });
    for (const service of props.services) {
      new VpcEndpoint(this, `Interface-${service}`, {
        vpcId,
        serviceName: name(service),
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: [...props.subnets],
        securityGroupIds: [props.securityGroup],
        tags: { Name: `${prefix}-${service}` },
      });
    }
  }
}
