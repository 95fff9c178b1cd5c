import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { Construct } from "constructs";
import type { EncryptionKey } from "../encryption/encryption-key";
import { isProtected, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";

export interface PlatformSecretProps {
  /** Path in Secrets Manager, for example `bist-trading-prod/jwt`. */
  readonly name: string;
  /** Says who reads it and, where nobody generates it, what an operator has to put in. */
  readonly description: string;
  readonly key: EncryptionKey;
  readonly protection: Protection;
}

/** Days in which a deleted secret can be taken back. */
const RECOVERY_DAYS = 30;

/**
 * A secret without a value: an operator puts it in, and no deploy ever touches it.
 * An unprotected one is gone at once when it is destroyed, so that its name can be used again.
 */
export class PlatformSecret extends Construct {
  readonly arn: string;
  readonly name: string;

  constructor(scope: Construct, id: string, props: PlatformSecretProps) {
    super(scope, id);
    const secret = new SecretsmanagerSecret(this, "Resource", {
      name: props.name,
      description: props.description,
      kmsKeyId: props.key.arn,
      recoveryWindowInDays: isProtected(props.protection) ? RECOVERY_DAYS : 0,
    });
    protect(secret, props.protection);
    this.arn = secret.arn;
    this.name = props.name;
  }
}
