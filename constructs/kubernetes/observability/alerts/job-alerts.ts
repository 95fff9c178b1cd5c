import { select } from "../promql";
import type { AlertGroup } from "./alert";

/** A day, and time for the run itself. */
const BACKUP_SECONDS = 26 * 60 * 60;
/** A dump that takes longer comes near its deadline, six hours. */
const SLOW_SECONDS = 4 * 60 * 60;
const DAY_SECONDS = 24 * 60 * 60;

/** CronJob that dumps the database. */
const BACKUP = "database-backup";

/** Failed jobs stay for whoever looks for the reason: only those of the last day are news. */
export function jobAlerts(namespace: string): AlertGroup {
  const failed = `max by (job_name) (${select("kube_job_failed", { namespace, condition: "true" })}) == 1`;
  const started = `max by (job_name) (${select("kube_job_status_start_time", { namespace })})`;
  const succeeded = select("kube_cronjob_status_last_successful_time", { namespace, cronjob: BACKUP });
  const dumps = { namespace, job_name: new RegExp(`${BACKUP}-.+`) };
  const dumpStarted = `max by (job_name) (${select("kube_job_status_start_time", dumps)})`;
  const dumping = `max by (job_name) (${select("kube_job_status_active", dumps)}) > 0`;
  return {
    name: "jobs",
    alerts: [
      {
        name: "DatabaseJobFailed",
        expression: `${failed} and time() - ${started} < ${DAY_SECONDS}`,
        forMinutes: 0,
        severity: "critical",
        summary: "{{ $labels.job_name }} has failed: the database is not prepared, kept or backed up",
      },
      {
        name: "BackupMissing",
        expression: `time() - max(${succeeded}) > ${BACKUP_SECONDS}`,
        forMinutes: 0,
        severity: "critical",
        summary: "The database was last dumped {{ $value | humanizeDuration }} ago",
      },
      {
        name: "BackupSlow",
        expression: `time() - ${dumpStarted} > ${SLOW_SECONDS} and on (job_name) ${dumping}`,
        forMinutes: 0,
        severity: "warning",
        summary: "{{ $labels.job_name }} has run for {{ $value | humanizeDuration }}; it is ended after six hours",
      },
    ],
  };
}
