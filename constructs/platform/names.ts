import type { Account } from "./account";

/** Names on which stacks agree before the resources exist: rights are granted by them ahead of time. */

/** Bucket of database dumps, below `database/`. Bucket names are shared by all of AWS. */
export function backupBucketName(prefix: string, { accountId }: Account): string {
  return `${prefix}-backups-${accountId}`;
}

/** SNS topic of every alarm. */
export function alarmTopicName(prefix: string): string {
  return `${prefix}-alarms`;
}
