import { CloudformationStack } from "@cdktf/provider-aws/lib/cloudformation-stack";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { EncryptionKey } from "../encryption/encryption-key";
import { ServiceRole } from "../iam/service-role";
import { arn } from "../../../config/account";
import type { Account } from "../../../config/account";
import type { GeneratedSecret } from "../secrets/generated-secret";
import { noteOptOut } from "../../support/protection";

export interface ApplicationUserProps {
  /** Of the user, at most 40 characters. */
  readonly userId: string;
  readonly userName: string;
  /** Redis ACL rules. */
  readonly accessString: string;
  /** Holds the password under the key `password`. */
  readonly secret: GeneratedSecret;
  /** What the secret is encrypted with. */
  readonly secretKey: EncryptionKey;
  readonly account: Account;
}

/**
 * A Redis user whose password Terraform never sees. The provider has no write-only argument for it, so the user is
 * made by CloudFormation, which reads the password from Secrets Manager itself; the reference names the version of
 * the secret, so that a rotation reaches the user in the same deploy. See docs/adr/023.
 */
export class ApplicationUser extends Construct {
  readonly userId: string;
  /** What must exist before the user can be put into a group. */
  readonly resource: ITerraformDependable;

  constructor(scope: Construct, id: string, props: ApplicationUserProps) {
    super(scope, id);
    const { account, secret, userId } = props;
    const role = new ServiceRole(this, "Role", {
      name: `${userId}-user`,
      description: `Lets CloudFormation make the Redis user ${userId} from its secret`,
      service: "cloudformation.amazonaws.com",
      actingFor: account,
      statements: [
        {
          sid: "User",
          actions: [
            "elasticache:AddTagsToResource",
            "elasticache:CreateUser",
            "elasticache:DeleteUser",
            "elasticache:DescribeUsers",
            "elasticache:ListTagsForResource",
            "elasticache:ModifyUser",
            "elasticache:RemoveTagsFromResource",
          ],
          resources: [arn(account, "elasticache", `user:${userId}`)],
        },
        { sid: "Password", actions: ["secretsmanager:GetSecretValue"], resources: [secret.arn] },
        {
          sid: "Decrypt",
          actions: ["kms:Decrypt"],
          resources: [props.secretKey.arn],
          conditions: { StringEquals: { "kms:ViaService": [`secretsmanager.${account.region}.amazonaws.com`] } },
        },
      ],
    });
    this.userId = userId;
    const stack = new CloudformationStack(this, "Stack", {
      name: `${userId}-user`,
      iamRoleArn: role.arn,
      templateBody: JSON.stringify({
        Description: `The Redis user ${userId}, with its password by reference`,
        Resources: {
          User: {
            Type: "AWS::ElastiCache::User",
            Properties: {
              Engine: "redis",
              UserId: userId,
              UserName: props.userName,
              AccessString: props.accessString,
              Passwords: [`{{resolve:secretsmanager:${secret.arn}:SecretString:password::${secret.versionId}}}`],
            },
          },
        },
      }),
      dependsOn: [...role.grants],
    });
    noteOptOut(stack, "CKV_AWS_124", { reason: "Terraform waits for the stack, and reports what goes wrong with it." });
    this.resource = stack;
  }
}
