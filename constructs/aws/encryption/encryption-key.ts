import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { policyDocument } from "../iam/policy-document";
import type { Statement } from "../iam/policy-document";
import { arn, iamArn } from "../../../config/account";
import type { Account } from "../../../config/account";
import { isProtected, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";

export interface EncryptionKeyProps {
  /** Name without `alias/`, for example `bist-trading-prod/database`. */
  readonly alias: string;
  readonly description: string;
  readonly account: Account;
  /** Service principals that use the key on their own behalf, for example `logs.us-east-1.amazonaws.com`. @default none */
  readonly services?: readonly string[];
  /** Further statements of the key policy; their resource is the key itself, `"*"`. @default none */
  readonly statements?: readonly Statement[];
  /** Whether what the key encrypts must survive. */
  readonly protection: Protection;
}

const CRYPTOGRAPHY = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];

/**
 * A customer-managed key that rotates every year. The account's own IAM policies decide who else may use it;
 * deleting it takes 30 days in which it can be recovered, 7 where data is not protected.
 */
export class EncryptionKey extends Construct {
  readonly arn: string;
  readonly keyId: string;
  /** Service principals that the key policy lets in. */
  readonly services: readonly string[];
  protected readonly resource: KmsKey;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    this.services = props.services ?? [];
    this.resource = new KmsKey(this, "Resource", {
      description: props.description,
      enableKeyRotation: true,
      deletionWindowInDays: isProtected(props.protection) ? 30 : 7,
      policy: policyDocument([
        {
          sid: "Account",
          principals: { AWS: [iamArn(props.account, "root")] },
          actions: ["kms:*"],
          resources: ["*"],
        },
        ...this.services.map((service) => serviceStatement(service, props.account)),
        ...(props.statements ?? []),
      ]),
    });
    protect(this.resource, props.protection);
    new KmsAlias(this, "Alias", { name: `alias/${props.alias}`, targetKeyId: this.resource.keyId });
    this.arn = this.resource.arn;
    this.keyId = this.resource.keyId;
  }
}

/** Lets a service in for this account only. CloudWatch Logs says so by its encryption context, the others by the source. */
function serviceStatement(service: string, account: Account): Statement {
  const isLogs = service.startsWith("logs.");
  return {
    sid: service.replace(/[^A-Za-z0-9]/g, ""),
    principals: { Service: [service] },
    actions: CRYPTOGRAPHY,
    resources: ["*"],
    conditions: isLogs
      ? { ArnLike: { "kms:EncryptionContext:aws:logs:arn": [arn(account, "logs", "*")] } }
      : { StringEquals: { "aws:SourceAccount": [account.accountId] } },
  };
}
