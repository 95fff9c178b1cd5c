import { BARMAN_PLUGIN, TIME_SERIES } from "../../../config/names";
import type { KubernetesObject } from "../../../ops/kubernetes/objects";
import { kinds, labels } from "../../../ops/time-series/kinds";
import type { AdminObjects } from "./admin-objects";
import { isReady } from "./cluster-status";
import type { Spec } from "./cluster-status";
import { second } from "./seconds";

/** What goes wrong, in the words that the operator passes on. */
export interface Faults {
  /** Of a base backup. */
  backup?: string;
  /** Of archiving. */
  archive?: string;
  /** Of a recovery. */
  recovery?: string;
  /** Pods that are ended are not replaced. @default false */
  nobodyPromotes?: boolean;
}

/**
 * Base backups as CloudNativePG and its Barman plugin take them, a step of each a pass. Sources: cloudnative-pg v1.30.0,
 * api/v1/backup_types.go, internal/controller/backup_controller.go and scheduledbackup_controller.go,
 * pkg/management/postgres/webserver/plugin_backup.go; plugin-barman-cloud v0.13.0, internal/cnpgi/instance/recovery_window.go.
 */
export class SimulatedBackups {
  /** @param archive called for a cluster whose log is in the bucket up to now */
  constructor(
    private readonly objects: AdminObjects,
    private readonly now: () => Date,
    private readonly faults: Faults,
    private readonly archive: (cluster: string) => void,
  ) {}

  /** Of a new schedule, the first backup at once. The others' time does not come here. */
  async schedule(schedule: KubernetesObject): Promise<void> {
    const {
      suspend = false,
      immediate = false,
      cluster,
    } = schedule["spec"] as {
      readonly suspend?: boolean;
      readonly immediate?: boolean;
      readonly cluster: object;
    };
    const { lastCheckTime } = (schedule["status"] ?? {}) as { readonly lastCheckTime?: string };
    if (suspend || !immediate || lastCheckTime !== undefined) return;
    const { name } = schedule.metadata;
    const at = second(this.now());
    await this.objects.create({
      ...kinds.backup,
      metadata: {
        name: `${name}-${at.replaceAll(/\D/g, "")}`,
        labels: { "cnpg.io/scheduled-backup": name, "cnpg.io/immediateBackup": "true" },
      },
      spec: { cluster, method: "plugin", pluginConfiguration: { name: BARMAN_PLUGIN } },
    });
    await this.objects.report(kinds.schedule, name, { lastCheckTime: at, lastScheduleTime: at });
  }

  async backup(backup: KubernetesObject): Promise<void> {
    const { phase } = (backup["status"] ?? {}) as { readonly phase?: string };
    if (phase === "completed" || phase === "failed") return;
    const clusterName = (backup["spec"] as { readonly cluster: { readonly name: string } }).cluster.name;
    const say = (status: object) => this.objects.report(kinds.backup, backup.metadata.name, status);
    const cluster = await this.objects.find(kinds.cluster, clusterName);
    if (cluster === undefined) return say({ phase: "pending" });
    const { plugins = [] } = cluster["spec"] as Spec;
    const terminated = { reconciliationTerminatedAt: second(this.now()), method: "plugin" };
    if (plugins.length === 0) {
      const error = "cannot proceed with the backup as the cluster has no plugin configured";
      return say({ ...terminated, phase: "failed", error });
    }
    const pod = (
      await this.objects.list(kinds.pod, { [labels.cluster]: clusterName, [labels.podRole]: "instance" })
    ).find(isReady);
    if (phase !== "started") {
      if (pod === undefined) return say({ phase: "pending" });
      return say({
        phase: "started",
        reconciliationStartedAt: second(this.now()),
        method: "plugin",
        instanceID: { podName: pod.metadata.name, ContainerID: "containerd://1", sessionID: "1" },
      });
    }
    const server = plugins.find((one) => one.name === BARMAN_PLUGIN)?.parameters?.["serverName"] ?? clusterName;
    const at = second(this.now());
    if (this.faults.backup !== undefined) {
      await this.window(server, { lastFailedBackupTime: at });
      return say({ ...terminated, phase: "failed", error: this.faults.backup });
    }
    const backupId = at.replaceAll(/[-:Z]/g, "");
    this.archive(clusterName);
    await this.window(server, { lastSuccessfulBackupTime: at });
    return say({
      ...terminated,
      phase: "completed",
      backupId,
      backupName: `backup-${backupId}`,
      startedAt: at,
      stoppedAt: at,
      beginWal: "000000010000000000000004",
      endWal: "000000010000000000000004",
      beginLSN: "0/4000028",
      endLSN: "0/4000120",
      online: true,
      pluginMetadata: { timeline: "1" },
    });
  }

  private async window(server: string, change: Readonly<Record<string, string>>): Promise<void> {
    const store = await this.objects.find(kinds.store, TIME_SERIES);
    const windows = (
      store?.["status"] as { readonly serverRecoveryWindow?: Readonly<Record<string, object>> } | undefined
    )?.serverRecoveryWindow;
    const first = change["lastSuccessfulBackupTime"];
    const before = windows?.[server] ?? (first === undefined ? {} : { firstRecoverabilityPoint: first });
    await this.objects.report(kinds.store, TIME_SERIES, {
      serverRecoveryWindow: { [server]: { ...before, ...change } },
    });
  }
}
