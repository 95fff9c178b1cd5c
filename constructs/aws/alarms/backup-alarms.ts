import type { Alarm } from "./alarm";

const DAY_SECONDS = 24 * 60 * 60;
const HOUR_SECONDS = 60 * 60;

/** What wakes an operator about backups: one that fails, and none at all. */
export function backupAlarms(vaultName: string): readonly Alarm[] {
  const metric = (name: string, periodSeconds: number) => ({
    namespace: "AWS/Backup",
    name,
    statistic: "Sum" as const,
    periodSeconds,
    dimensions: { BackupVaultName: vaultName },
  });
  return [
    {
      name: "backup-failed",
      metric: metric("NumberOfBackupJobsFailed", HOUR_SECONDS),
      periods: 1,
      raisedWhen: "above",
      threshold: 0,
      description: `A backup into ${vaultName} failed. AWS Backup says why under Jobs; start it again by hand, today.`,
    },
    {
      name: "backup-missing",
      metric: metric("NumberOfBackupJobsCompleted", DAY_SECONDS),
      periods: 1,
      raisedWhen: "below",
      threshold: 1,
      silence: "raises",
      description: `No backup into ${vaultName} was completed for a day. See whether the plan still runs and still selects the database.`,
    },
  ];
}
