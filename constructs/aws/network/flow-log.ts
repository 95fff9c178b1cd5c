import { FlowLog as FlowLogResource } from "@cdktf/provider-aws/lib/flow-log";
import { Construct } from "constructs";
import type { EncryptionKey } from "../encryption/encryption-key";
import { ServiceRole } from "../iam/service-role";
import { EncryptedLogGroup } from "../logs/log-group";
import type { EncryptedLogGroupProps } from "../logs/log-group";
import type { Account } from "../../../config/account";

export interface FlowLogProps extends Pick<EncryptedLogGroupProps, "retentionDays"> {
  readonly prefix: string;
  readonly account: Account;
  readonly vpcId: string;
  readonly key: EncryptionKey;
}

/** Who talked to whom in the VPC, accepted or refused, in steps of a minute. */
export class FlowLog extends Construct {
  constructor(scope: Construct, id: string, { prefix, account, vpcId, retentionDays, key }: FlowLogProps) {
    super(scope, id);
    const group = new EncryptedLogGroup(this, "LogGroup", { name: `/aws/vpc/${prefix}/flow`, retentionDays, key });
    const role = new ServiceRole(this, "Role", {
      name: `${prefix}-flow-log`,
      description: "Writes the VPC's flow log to its log group",
      service: "vpc-flow-logs.amazonaws.com",
      actingFor: account,
      statements: [
        {
          sid: "Write",
          actions: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
          resources: [`${group.arn}:*`],
        },
        // Has no resource level: it lists.
        { sid: "Find", actions: ["logs:DescribeLogGroups"], resources: ["*"] },
      ],
    });
    new FlowLogResource(this, "Resource", {
      vpcId,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
      maxAggregationInterval: 60,
      tags: { Name: prefix },
      dependsOn: [...role.grants],
    });
  }
}
