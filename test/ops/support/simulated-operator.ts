import { setTimeout as sleep } from "node:timers/promises";
import type { SeriesLook } from "../../../app/packages/contract/time-series";
import { BARMAN_PLUGIN, TIME_SERIES } from "../../../config/names";
import type { KubernetesObject } from "../../../ops/kubernetes/objects";
import { HEALTHY } from "../../../ops/time-series/cluster";
import { FENCED, kinds, labels } from "../../../ops/time-series/kinds";
import { ownedBy } from "./admin-objects";
import type { AdminObjects } from "./admin-objects";
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

interface OperatorOptions {
  /** @default trading */
  readonly namespace?: string | undefined;
  /** Whether something else says of pods and Jobs how they are: an API server with kwok. @default false */
  readonly podsRun?: boolean | undefined;
}

interface Spec {
  readonly instances?: number;
  readonly plugins?: readonly { readonly name: string; readonly parameters?: Readonly<Record<string, string>> }[];
  readonly bootstrap?: {
    readonly initdb?: object;
    readonly recovery?: {
      readonly source?: string;
      readonly recoveryTarget?: { readonly targetTime?: string };
    };
  };
  readonly externalClusters?: readonly {
    readonly name: string;
    readonly plugin?: { readonly parameters?: Readonly<Record<string, string>> };
  }[];
  readonly walStorage?: object;
  readonly postgresql?: { readonly synchronous?: { readonly number: number } };
}

interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

interface Status {
  readonly phase?: string;
  readonly currentPrimary?: string;
  readonly targetPrimary?: string;
  readonly conditions?: readonly Condition[];
}

const MOMENT_MS = 100;
const JOB = kinds.job;
const FIRST_PRIMARY = "Setting up primary";
const FAILING_OVER = "Failing over";

/**
 * What the tool sees of CloudNativePG, of its Barman plugin and of the driver of volumes, a step of each object a pass.
 * Sources, cloudnative-pg v1.30.0: phases and conditions, api/v1/cluster_types.go and backup_types.go; what a recovery
 * consists of, internal/controller/cluster_create.go and pkg/specs/jobs.go; what is refused,
 * internal/webhook/v1/cluster_webhook.go; backups, internal/controller/backup_controller.go, scheduledbackup_controller.go and
 * pkg/management/postgres/webserver/plugin_backup.go; fences, internal/management/controller/instance_controller.go; a
 * lost primary, internal/controller/replicas.go. plugin-barman-cloud v0.13.0: internal/cnpgi/instance/recovery_window.go.
 */
export class SimulatedOperator {
  readonly faults: Faults = {};
  /** What each cluster holds. */
  readonly holds: Record<string, SeriesLook> = {};
  /** What the bucket has of each server, oldest first. */
  readonly archive: Record<string, { readonly at: string; readonly holds: SeriesLook }[]> = {};
  private backups = 0;

  private readonly namespace: string;
  private readonly podsRun: boolean;

  constructor(
    private readonly objects: AdminObjects,
    private readonly now: () => Date,
    { namespace = "trading", podsRun = false }: OperatorOptions = {},
  ) {
    this.namespace = namespace;
    this.podsRun = podsRun;
  }

  /** Archives what a cluster holds now: it can be restored from then on. */
  archiveNow(cluster: string): void {
    const holds = this.holds[cluster];
    const archived = (this.archive[cluster] ??= []);
    if (holds !== undefined && holds !== archived.at(-1)?.holds) archived.push({ at: this.now().toISOString(), holds });
  }

  /** Looks until nothing changes any more. */
  async settle(): Promise<void> {
    for (let passes = 0; passes < 12; passes += 1) await this.pass();
  }

  /** Looks until there is nothing left to do for a cluster. */
  async bringUp(cluster: string): Promise<void> {
    for (;;) {
      await this.pass();
      const found = await this.objects.find(kinds.cluster, cluster);
      if ((found?.["status"] as Status | undefined)?.phase === HEALTHY) return;
      if (this.podsRun) await sleep(MOMENT_MS);
    }
  }

  async pass(): Promise<void> {
    for (const cluster of await this.objects.list(kinds.cluster)) await this.cluster(cluster);
    for (const schedule of await this.objects.list(kinds.schedule)) await this.schedule(schedule);
    for (const backup of await this.objects.list(kinds.backup)) await this.backup(backup);
    for (const volume of await this.objects.list(kinds.volume)) await this.volume(volume);
  }

  private async cluster(cluster: KubernetesObject): Promise<void> {
    const status = (cluster["status"] ?? {}) as Status;
    const problem = refusalOf(cluster);
    if (problem !== undefined) {
      return this.report(cluster, { phase: "Invalid cluster definition", phaseReason: problem }, false);
    }
    if (status.phase === undefined) return this.begin(cluster);
    if (status.phase === FIRST_PRIMARY && (await this.pods(cluster)).length === 0) return this.recover(cluster);
    return this.reconcile(cluster, status);
  }

  private async begin(cluster: KubernetesObject): Promise<void> {
    const { name } = cluster.metadata;
    const { bootstrap } = cluster["spec"] as Spec;
    const first = `${name}-1`;
    await this.objects.create({
      ...kinds.service,
      metadata: { name: `${name}-rw`, ...ownedBy(cluster) },
      spec: {
        selector: { [labels.cluster]: name, [labels.role]: "primary" },
        ports: [{ name: "postgres", port: 5432, targetPort: 5432 }],
      },
    });
    await this.volumesOf(cluster, first);
    await this.report(
      cluster,
      { phase: FIRST_PRIMARY, phaseReason: `Creating primary instance ${first}`, targetPrimary: first, instances: 1 },
      false,
    );
    const role = bootstrap?.recovery === undefined ? "initdb" : "full-recovery";
    const placed = this.faults.recovery === undefined ? {} : { nodeSelector: { "bist-trading.test/node": "none" } };
    const owned = { [labels.cluster]: name, "cnpg.io/jobRole": role };
    await this.objects.create({
      ...JOB,
      metadata: { name: `${first}-${role}`, labels: owned, ...ownedBy(cluster) },
      spec: {
        ...(this.faults.recovery === undefined ? {} : { activeDeadlineSeconds: 1 }),
        template: {
          metadata: { labels: owned },
          spec: { ...podSpec(role), restartPolicy: "Never", ...placed },
        },
      },
    });
  }

  /** Claims of an instance, and what the driver makes of them: the storage class keeps what claims held. */
  private async volumesOf(cluster: KubernetesObject, instance: string): Promise<void> {
    const { walStorage } = cluster["spec"] as Spec;
    for (const claim of [instance, ...(walStorage === undefined ? [] : [`${instance}-wal`])]) {
      const volumeName = `pv-${claim}`;
      const capacity = { storage: "1Gi" };
      await this.objects.create({
        ...kinds.claim,
        metadata: { name: claim, labels: { [labels.cluster]: cluster.metadata.name }, ...ownedBy(cluster) },
        spec: { accessModes: ["ReadWriteOnce"], storageClassName: "", volumeName, resources: { requests: capacity } },
      });
      await this.objects.create({
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: volumeName },
        spec: {
          accessModes: ["ReadWriteOnce"],
          capacity,
          persistentVolumeReclaimPolicy: "Retain",
          claimRef: {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            name: claim,
            namespace: this.namespace,
          },
          csi: { driver: "ebs.csi.aws.com", volumeHandle: volumeName },
        },
      });
    }
  }

  private async recover(cluster: KubernetesObject): Promise<void> {
    const { name } = cluster.metadata;
    const { recovery } = (cluster["spec"] as Spec).bootstrap ?? {};
    const job = `${name}-1-${recovery === undefined ? "initdb" : "full-recovery"}`;
    const found = await this.objects.find(JOB, job);
    const is = (type: string) =>
      ((found?.["status"] as Status | undefined)?.conditions ?? []).some(
        (one) => one.type === type && one.status === "True",
      );
    if (!this.podsRun && !is("Complete") && !is("Failed")) {
      const type = this.faults.recovery === undefined ? "Complete" : "Failed";
      return this.objects.report(JOB, job, { conditions: [{ type, status: "True" }] });
    }
    if (!is("Complete")) return;
    if (recovery !== undefined) this.holds[name] = this.restored(cluster);
    await this.objects.delete(JOB, job);
    await this.pod(cluster, `${name}-1`, "primary");
    await this.report(cluster, { currentPrimary: `${name}-1` }, false);
  }

  private restored(cluster: KubernetesObject): SeriesLook {
    const { bootstrap, externalClusters = [] } = cluster["spec"] as Spec;
    const { source, recoveryTarget: { targetTime } = {} } = bootstrap?.recovery ?? {};
    const server = externalClusters.find(({ name }) => name === source)?.plugin?.parameters?.["serverName"] ?? "";
    const archived = this.archive[server] ?? [];
    const reached =
      targetTime === undefined ? archived : archived.filter(({ at }) => Date.parse(at) <= Date.parse(targetTime));
    const newest = reached.at(-1);
    if (newest === undefined) throw new Error(`nothing of ${server} is archived that could be restored`);
    return newest.holds;
  }

  private async reconcile(cluster: KubernetesObject, status: Status): Promise<void> {
    const { name, annotations = {} } = cluster.metadata;
    const { instances = 1 } = cluster["spec"] as Spec;
    const fenced = JSON.parse(annotations[FENCED] ?? "[]") as readonly string[];
    const pods = await this.pods(cluster);
    for (const pod of pods) {
      const isFenced = fenced.includes("*") || fenced.includes(pod.metadata.name);
      if (isReady(pod) === isFenced) await this.ready(pod, !isFenced);
    }
    const primary = pods.find((pod) => pod.metadata.name === status.currentPrimary);
    if (this.faults.nobodyPromotes === true && primary === undefined) return this.count(cluster, status, FAILING_OVER);
    if (primary === undefined) {
      const next = pods.find(isReady);
      if (next === undefined) {
        await this.pod(cluster, status.currentPrimary ?? `${name}-1`, "primary");
        return this.count(cluster, status, FAILING_OVER);
      }
      await this.objects.merge(kinds.pod, next.metadata.name, { metadata: { labels: { [labels.role]: "primary" } } });
      const promoted = { currentPrimary: next.metadata.name, targetPrimary: next.metadata.name };
      return this.report(
        cluster,
        { ...promoted, phase: FAILING_OVER, phaseReason: `from ${status.currentPrimary ?? ""}` },
        false,
      );
    }
    if (pods.length < instances) {
      const names = pods.map((pod) => pod.metadata.name);
      const missing = Array.from({ length: instances }, (_, index) => `${name}-${index + 1}`).find(
        (one) => !names.includes(one),
      );
      await this.volumesOf(cluster, missing ?? "");
      await this.pod(cluster, missing ?? "", "replica");
      return this.count(cluster, status, "Creating a new replica");
    }
    return this.count(cluster, status, HEALTHY);
  }

  private async count(cluster: KubernetesObject, status: Status, phase: string): Promise<void> {
    const pods = await this.pods(cluster);
    const ready = pods.filter(isReady);
    const healthy = ready.length === pods.length && pods.length > 0;
    const { plugins = [] } = cluster["spec"] as Spec;
    const { archive } = this.faults;
    if (healthy && archive === undefined) this.archiveNow(cluster.metadata.name);
    const archiving: readonly Condition[] = plugins.some(({ name }) => name === BARMAN_PLUGIN)
      ? [
          this.condition(
            status,
            "ContinuousArchiving",
            archive === undefined,
            archive ?? "Continuous archiving is working",
          ),
        ]
      : [];
    await this.report(
      cluster,
      {
        phase: healthy ? phase : phase === HEALTHY ? "Waiting for the instances to become active" : phase,
        phaseReason: null,
        instances: pods.length,
        readyInstances: ready.length,
      },
      healthy && phase === HEALTHY,
      archiving,
    );
  }

  private async report(
    cluster: KubernetesObject,
    status: object,
    ready: boolean,
    more: readonly Condition[] = [],
  ): Promise<void> {
    const before = (cluster["status"] ?? {}) as Status;
    const conditions = [
      this.condition(before, "Ready", ready, ready ? "Cluster is Ready" : "Cluster Is Not Ready"),
      ...more,
    ];
    await this.objects.report(kinds.cluster, cluster.metadata.name, { ...status, conditions });
  }

  private condition({ conditions = [] }: Status, type: string, is: boolean, message: string): Condition {
    const status = is ? "True" : "False";
    const before = conditions.find((one) => one.type === type);
    const reasons: Readonly<Record<string, readonly [string, string]>> = {
      Ready: ["ClusterIsReady", "ClusterIsNotReady"],
      ContinuousArchiving: ["ContinuousArchivingSuccess", "ContinuousArchivingFailing"],
    };
    const [yes, no] = reasons[type] ?? ["", ""];
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : second(this.now());
    return { type, status, reason: is ? yes : no, message, lastTransitionTime };
  }

  private async pods(cluster: KubernetesObject): Promise<readonly KubernetesObject[]> {
    const pods = await this.objects.list(kinds.pod, {
      [labels.cluster]: cluster.metadata.name,
      [labels.podRole]: "instance",
    });
    return pods.filter(({ metadata }) => metadata["deletionTimestamp"] === undefined);
  }

  private async pod(cluster: KubernetesObject, name: string, role: "primary" | "replica"): Promise<void> {
    await this.objects.create({
      ...kinds.pod,
      metadata: {
        name,
        labels: { [labels.cluster]: cluster.metadata.name, [labels.podRole]: "instance", [labels.role]: role },
        ...ownedBy(cluster),
      },
      spec: podSpec("postgres"),
    });
    if (!this.podsRun) await this.ready({ ...kinds.pod, metadata: { name } }, true);
  }

  private ready({ metadata }: KubernetesObject, is: boolean): Promise<void> {
    const conditions = [{ type: "Ready", status: is ? "True" : "False" }];
    return this.objects.report(kinds.pod, metadata.name, { conditions });
  }

  /** Of a new schedule, the first backup at once. The others' time does not come here. */
  private async schedule(schedule: KubernetesObject): Promise<void> {
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

  private async backup(backup: KubernetesObject): Promise<void> {
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
    const pod = (await this.pods(cluster)).find(isReady);
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
    this.backups += 1;
    const backupId = at.replaceAll(/[-:Z]/g, "");
    this.archiveNow(clusterName);
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

  /** The driver deletes a volume whose claim is gone, where that is its policy; else nobody does. */
  private async volume(volume: KubernetesObject): Promise<void> {
    const { claimRef, persistentVolumeReclaimPolicy } = volume["spec"] as {
      readonly claimRef?: { readonly name: string };
      readonly persistentVolumeReclaimPolicy?: string;
    };
    if (claimRef === undefined || (await this.objects.find(kinds.claim, claimRef.name)) !== undefined) return;
    if (persistentVolumeReclaimPolicy === "Delete") await this.objects.delete(kinds.volume, volume.metadata.name);
  }
}

/** Of the webhook's rules those that a copy could break. */
export function refusalOf({ metadata, spec }: KubernetesObject): string | undefined {
  const { bootstrap, externalClusters = [], instances = 1, postgresql } = spec as Spec;
  const { initdb, recovery } = bootstrap ?? {};
  if ((postgresql?.synchronous?.number ?? 0) >= instances) {
    return "Invalid synchronous configuration: the number of synchronous replicas must be less than the total number of instances";
  }
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(metadata.name)) return "cluster name must be a valid DNS label";
  if (metadata.name.length > 50) return "the maximum length of a cluster name is 50 characters";
  if (initdb !== undefined && recovery !== undefined) return "Only one bootstrap method can be specified at a time";
  if (recovery?.source !== undefined && !externalClusters.some(({ name }) => name === recovery.source)) {
    return `External cluster ${recovery.source} not found`;
  }
  const { targetTime } = recovery?.recoveryTarget ?? {};
  if (targetTime !== undefined && Number.isNaN(Date.parse(targetTime))) return "The format of TargetTime is invalid";
  return undefined;
}

const podSpec = (name: string) => ({
  containers: [{ name, image: "postgres" }],
  tolerations: [{ operator: "Exists" }],
  terminationGracePeriodSeconds: 0,
});

const isReady = ({ status }: KubernetesObject) =>
  ((status as Status | undefined)?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True");
