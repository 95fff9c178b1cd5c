import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";
import type { EncryptionKey } from "../encryption/encryption-key";
import { check } from "../support/check";

export interface EncryptedLogGroupProps {
  readonly name: string;
  /** Days that events are kept: one of the periods that CloudWatch Logs offers. */
  readonly retentionDays: number;
  /** Its policy must let CloudWatch Logs in. */
  readonly key: EncryptionKey;
}

/** What CloudWatch Logs offers, PutRetentionPolicy in its API reference. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

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
        RETENTION_DAYS.includes(retentionDays),
        `retention of ${name} is ${retentionDays} days; CloudWatch Logs offers ${RETENTION_DAYS.join(", ")}`,
      ],
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
