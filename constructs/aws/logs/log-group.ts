import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";
import type { z } from "zod";
import type { logRetentionDays } from "../../../config/schema/values";
import type { EncryptionKey } from "../encryption/encryption-key";
import { check } from "../../support/check";

export interface EncryptedLogGroupProps {
  readonly name: string;
  /** Days that events are kept. */
  readonly retentionDays: z.infer<typeof logRetentionDays>;
  /** Its policy must let CloudWatch Logs in. */
  readonly key: EncryptionKey;
}

/** A log group encrypted with the platform's own key, which forgets after a fixed time. */
export class EncryptedLogGroup extends Construct {
  readonly arn: string;
  readonly name: string;
  /** For resources that must not write before the group exists, or they create one without key and retention. */
  readonly resource: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, { name, retentionDays, key }: EncryptedLogGroupProps) {
    super(scope, id);
    check(this, [
      [
        key.services.some((service) => service.startsWith("logs.")),
        `${key.node.path} does not let CloudWatch Logs in; add logs.<region>.amazonaws.com to its services`,
      ],
    ]);
    this.resource = new CloudwatchLogGroup(this, "Resource", {
      name,
      retentionInDays: retentionDays,
      kmsKeyId: key.arn,
    });
    this.arn = this.resource.arn;
    this.name = this.resource.name;
  }
}
