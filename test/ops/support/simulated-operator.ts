import { setTimeout as sleep } from "node:timers/promises";
import type { SeriesLook } from "../../../app/packages/contract/time-series";
import { BARMAN_PLUGIN } from "../../../config/names";
import type { KubernetesObject } from "../../../ops/kubernetes/objects";
import { HEALTHY } from "../../../ops/time-series/cluster";
import { FENCED, kinds, labels } from "../../../ops/time-series/kinds";
import { ownedBy } from "./admin-objects";
import type { AdminObjects } from "./admin-objects";
import { isReady, refusalOf } from "./cluster-status";
import type { Condition, Spec, Status } from "./cluster-status";
import { second } from "./seconds";
import { SimulatedBackups } from "./simulated-backups";
import type { Faults } from "./simulated-backups";

interface OperatorOptions {
  /** @default trading */
  readonly namespace?: string | undefined;
  /** Whether something else says of pods and Jobs how they are: an API server with kwok. @default false */
  readonly podsRun?: boolean | undefined;
}

const MOMENT_MS = 100;
const MOST_PASSES = 1_000;
const JOB = kinds.job;
const FIRST_PRIMARY = "Setting up primary";
const FAILING_OVER = "Failing over";

/**
 * What the tool sees of CloudNativePG, of its Barman plugin and of the driver of volumes, a step of each object a pass.
 * Sources, cloudnative-pg v1.30.0: phases and conditions, api/v1/cluster_types.go; what a recovery consists of,
 * internal/controller/cluster_create.go and pkg/specs/jobs.go; fences, internal/management/controller/instance_controller.go;
 * a lost primary, internal/controller/replicas.go.
 */
export class SimulatedOperator {
  readonly faults: Faults = {};
  /** What each cluster holds. */
  readonly holds: Record<string, SeriesLook> = {};
  /** What the bucket has of each server, oldest first. */
  readonly archive: Record<string, { readonly at: string; readonly holds: SeriesLook }[]> = {};
  private readonly backups: SimulatedBackups;

  private readonly namespace: string;
  private readonly podsRun: boolean;

  constructor(
    private readonly objects: AdminObjects,
    private readonly now: () => Date,
    { namespace = "trading", podsRun = false }: OperatorOptions = {},
  ) {
    this.namespace = namespace;
    this.podsRun = podsRun;
    this.backups = new SimulatedBackups(objects, now, this.faults, (cluster) => {
      this.archiveNow(cluster);
    });
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
    for (let passes = 0; passes < MOST_PASSES; passes += 1) {
      await this.pass();
      const found = await this.objects.find(kinds.cluster, cluster);
      if ((found?.["status"] as Status | undefined)?.phase === HEALTHY) return;
      if (this.podsRun) await sleep(MOMENT_MS);
    }
    throw new Error(`${cluster} does not come up`);
  }

  async pass(): Promise<void> {
    for (const cluster of await this.objects.list(kinds.cluster)) await this.cluster(cluster);
    for (const schedule of await this.objects.list(kinds.schedule)) await this.backups.schedule(schedule);
    for (const backup of await this.objects.list(kinds.backup)) await this.backups.backup(backup);
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

const podSpec = (name: string) => ({
  containers: [{ name, image: "postgres" }],
  tolerations: [{ operator: "Exists" }],
  terminationGracePeriodSeconds: 0,
});
