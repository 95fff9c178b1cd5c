import type { Statement } from "../iam/policy-document";
import { type Account, iamArn } from "../platform/account";

/**
 * Lets EC2 Auto Scaling start nodes whose volumes the key encrypts; without it instances die as they launch.
 *
 * The role is named in a condition, not as the principal: it belongs to AWS, which makes it with an account's first
 * Auto Scaling group, and a key policy that names a principal which does not exist yet is refused.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 */
export function autoScalingStatements(account: Account): readonly Statement[] {
  const role = iamArn(account, "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling");
  const onlyAutoScaling = {
    StringEquals: { "kms:CallerAccount": [account.accountId] },
    ArnEquals: { "aws:PrincipalArn": [role] },
  };
  return [
    {
      sid: "AutoScaling",
      principals: { AWS: ["*"] },
      actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
      resources: ["*"],
      conditions: onlyAutoScaling,
    },
    {
      sid: "AutoScalingGrants",
      principals: { AWS: ["*"] },
      actions: ["kms:CreateGrant"],
      resources: ["*"],
      conditions: { ...onlyAutoScaling, Bool: { "kms:GrantIsForAWSResource": ["true"] } },
    },
  ];
}
