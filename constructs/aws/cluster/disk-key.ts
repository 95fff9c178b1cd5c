import type { Construct } from "constructs";
import { EncryptionKey } from "../encryption/encryption-key";
import type { EncryptionKeyProps } from "../encryption/encryption-key";
import type { Statement } from "../iam/policy-document";
import { iamArn } from "../../../config/account";
import type { Account } from "../../../config/account";
import { noteOptOut } from "../../support/protection";

/** The key of the volumes of nodes and pods. */
export class DiskKey extends EncryptionKey {
  constructor(
    scope: Construct,
    id: string,
    props: Pick<EncryptionKeyProps, "alias" | "description" | "account" | "protection">,
  ) {
    const { alias, description, account, protection } = props;
    super(scope, id, { alias, description, account, protection, statements: autoScalingStatements(account) });
    noteOptOut(this.resource, "CKV_AWS_33", {
      reason: "The wildcard principal is narrowed by aws:PrincipalArn to Auto Scaling's own role (docs/adr/018).",
    });
  }
}

/**
 * Lets EC2 Auto Scaling start nodes whose volumes the key encrypts; without it instances die as they launch.
 *
 * The role is named in a condition, not as the principal: it belongs to AWS, which makes it with an account's first
 * Auto Scaling group, and a key policy that names a principal which does not exist yet is refused.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 */
function autoScalingStatements(account: Account): readonly Statement[] {
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
