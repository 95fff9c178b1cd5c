import type { Context } from "../core/context";
import type { PostgresCluster } from "../time-series/cluster";
import { HEALTHY } from "../time-series/cluster";
import type { RecoveryWindow } from "../time-series/backups";
import type { Instance, TimeSeriesServer } from "../time-series/server";

interface Looked {
  readonly healthy: boolean;
  readonly detail: string;
}

const HOUR_MS = 3_600_000;

/** A day, and time for the backup itself: as the alert TimeSeriesBackupMissing counts. */
const BACKUP_HOURS = 36;

/**
 * What is wrong with the server of the time series, the worst first. `failed`: it takes no writes, or they could not be
 * brought back. `degraded`: it works, and something that should be there is not. Nothing where there is no such server.
 */
export async function timeSeriesHealth({ platform, clock }: Context): Promise<readonly Looked[]> {
  const { timeSeries: server } = platform;
  if (server === undefined) return [];
  const live = await server.live();
  const cluster = await server.find(live);
  if (cluster === undefined) {
    return [failed(`the Cluster ${live} is gone: docs/runbooks/recover.md, "The time series"`)];
  }
  const [instances, windows, scheduled] = await Promise.all([
    server.instances(live),
    server.windows(),
    server.scheduled(),
  ]);
  return [
    writes(cluster, instances),
    archive(cluster),
    backups(windows[cluster.serverName], clock.now()),
    ...(scheduled.includes(live) ? [] : [degraded(`no base backup of ${live} is scheduled: deploy "trading"`)]),
    ...declaredOtherwise(server, live),
  ];
}

function writes({ name, wanted, phase, reason, fenced }: PostgresCluster, instances: readonly Instance[]): Looked {
  const primary = instances.find((one) => one.primary && one.ready);
  const ready = instances.filter((one) => one.ready).length;
  const is = `${name}: ${phase}${phase === HEALTHY || reason === "" ? "" : ` (${reason})`}, ${ready} of ${wanted} instances ready`;
  if (fenced.length > 0) {
    const what = `${is}; somebody keeps PostgreSQL from running: docs/runbooks/time-series-instance-fenced.md`;
    return primary === undefined ? failed(what) : degraded(what);
  }
  if (primary === undefined) {
    return failed(`${is}; none takes writes: docs/runbooks/time-series-primary-missing.md`);
  }
  const taken = `${is}, ${primary.name} takes writes`;
  if (ready < wanted) return degraded(`${taken}; docs/runbooks/time-series-standby-missing.md`);
  return phase === HEALTHY ? { healthy: true, detail: taken } : degraded(`${taken}; the operator is at it, look again`);
}

function archive({ name, archiving }: PostgresCluster): Looked {
  const page = "docs/runbooks/time-series-wal-not-archived.md";
  if (archiving === undefined) return failed(`${name} has archived no WAL yet: ${page}`);
  const { works, since, message } = archiving;
  if (works) return { healthy: true, detail: `its WAL is archived, since ${since}` };
  return failed(`its WAL is not archived since ${since} (${message}): what came since is in no backup; ${page}`);
}

function backups(window: RecoveryWindow | undefined, now: Date): Looked {
  const { from, lastBackup, lastFailure } = window ?? {};
  const remedy = "`backup --time-series`, and docs/runbooks/time-series-backup-missing.md";
  if (lastBackup === undefined) return failed(`it has no base backup, so that nothing can be restored: ${remedy}`);
  const hours = Math.floor((now.getTime() - Date.parse(lastBackup)) / HOUR_MS);
  const since = lastFailure !== undefined && lastFailure > lastBackup ? `, and one failed at ${lastFailure}` : "";
  const is = `the newest base backup is ${hours} h old${since}; any moment from ${from ?? "an unknown one"} on can be restored`;
  if (hours >= BACKUP_HOURS) return failed(`${is}: ${remedy}`);
  return since === "" ? { healthy: true, detail: is } : degraded(`${is}: ${remedy}`);
}

/** After a switch somebody has to say so in the environment's file, so that backups are scheduled and alerts look there. */
function declaredOtherwise({ place: { declared } }: TimeSeriesServer, live: string): readonly Looked[] {
  if (live === declared) return [];
  return [
    degraded(`clients reach ${live}, and timeSeries.cluster is ${declared}: set it to "${live}", and deploy "trading"`),
  ];
}

const failed = (what: string): Looked => ({ healthy: false, detail: `failed: ${what}` });
const degraded = (what: string): Looked => ({ healthy: false, detail: `degraded: ${what}` });
