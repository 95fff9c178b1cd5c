import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog as FlowLogResource } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { EncryptionKey } from "../../../../constructs/aws/encryption/encryption-key";
import { FlowLog } from "../../../../constructs/aws/network/flow-log";
import { only, testStack } from "../../../support/template";

const account = { accountId: "111122223333", region: "us-east-1" };

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
