import { TIME_SERIES } from "../../config/names";
import { refused } from "../core/outcome";
import type { KubernetesObject, Objects } from "../kubernetes/objects";
import { SeriesBackups } from "./backups";
import { clusterOf, parsed } from "./cluster";
import type { PostgresCluster } from "./cluster";
import { copyOf, enlarged } from "./copy";
import type { Copy } from "./copy";
import { FENCED, kinds, labels } from "./kinds";
import { jobSchema, podSchema, serviceSchema, volumeSchema } from "./schemas";

/** A pod of a cluster. */
export interface Instance {
  readonly name: string;
  /** Whether it takes writes. */
  readonly primary: boolean;
  readonly ready: boolean;
}

/** What the name of an instance's claim has beside its cluster's. */
const INSTANCE = /-\d+(-wal)?$/;

/** Where a server of the time series is, and what it is called. */
export interface TimeSeriesPlace {
  readonly namespace: string;
  /** The live cluster, as the environment's file names it. */
  readonly declared: string;
}

/** The server of the time series in the cluster: what its operator makes of it, and what clients connect to. */
export class TimeSeriesServer extends SeriesBackups {
  constructor(
    objects: Objects,
    readonly place: TimeSeriesPlace,
  ) {
    super(objects);
  }

  /** The cluster that clients reach. @throws OperationError with `refused` where nothing leads to one */
  async live(): Promise<string> {
    const live = (await this.service(TIME_SERIES))?.spec.selector[labels.cluster];
    if (live !== undefined) return live;
    throw refused(`There is no Service ${TIME_SERIES} that leads to a Cluster: deploy the stack "trading" first`);
  }

  /** Has clients reach another cluster: new connections go there. */
  async lead(cluster: string): Promise<void> {
    await this.objects.merge(kinds.service, TIME_SERIES, { spec: { selector: { [labels.cluster]: cluster } } });
  }

  /** Address at which the primary of a cluster is reached, whether or not it is live. */
  async address(cluster: string): Promise<string> {
    const address = (await this.service(`${cluster}-rw`))?.spec.clusterIP;
    if (address === undefined) throw new Error(`The Cluster ${cluster} has no Service ${cluster}-rw: see \`health\``);
    return address;
  }

  async find(name: string): Promise<PostgresCluster | undefined> {
    const found = await this.objects.find(kinds.cluster, name);
    return found && clusterOf(found);
  }

  async clusters(): Promise<readonly PostgresCluster[]> {
    return (await this.objects.list(kinds.cluster)).map(clusterOf);
  }

  /** Pods in which PostgreSQL runs, or should. */
  async instances(cluster: string): Promise<readonly Instance[]> {
    const pods = await this.objects.list(kinds.pod, { [labels.cluster]: cluster, [labels.podRole]: "instance" });
    return pods.map((pod) => {
      const { metadata, status } = parsed(podSchema, pod);
      return {
        name: metadata.name,
        primary: metadata.labels[labels.role] === "primary",
        ready: status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
      };
    });
  }

  /** Whether a cluster takes writes. */
  async answers(cluster: string): Promise<boolean> {
    return (await this.instances(cluster)).some(({ primary, ready }) => primary && ready);
  }

  /** Has the operator make a copy. Does nothing where one of that name is there. @param model the cluster it is like */
  async copy(copy: Copy, model: string): Promise<void> {
    await this.objects.create(copyOf(await this.object(model), copy));
  }

  /** The Job that restores a copy, while there is one. */
  async recovery(cluster: string) {
    const owned = { [labels.cluster]: cluster, [labels.jobRole]: "full-recovery" };
    const [job] = (await this.objects.list(kinds.job, owned)).map((one) => parsed(jobSchema, one));
    if (job === undefined) return undefined;
    const { metadata, status } = job;
    const is = (wanted: string) => status.conditions.some(({ type, status: on }) => type === wanted && on === "True");
    return { job: metadata.name, tries: status.failed, failed: is("Failed") };
  }

  /** Gives a copy as many instances as another has, and has commits wait for them as there. */
  async enlarge(cluster: string, model: string): Promise<void> {
    await this.objects.merge(kinds.cluster, cluster, enlarged(await this.object(model)));
  }

  /** Keeps PostgreSQL from running in instances of a cluster, whose pods stay. @param instances none lifts the fence */
  async fence(cluster: string, instances: readonly string[]): Promise<void> {
    const fenced = instances.length === 0 ? null : JSON.stringify(instances);
    await this.objects.merge(kinds.cluster, cluster, { metadata: { annotations: { [FENCED]: fenced } } });
  }

  /**
   * Deletes a cluster with what it holds, and its schedule. Volumes outlive their claims, unless they are told otherwise
   * first. Does nothing when all of it is gone.
   */
  async delete(cluster: string): Promise<void> {
    for (const { metadata } of await this.schedulesOf(cluster))
      await this.objects.delete(kinds.schedule, metadata.name);
    for (const volume of await this.volumesOf(cluster)) {
      await this.objects.merge(kinds.volume, volume, { spec: { persistentVolumeReclaimPolicy: "Delete" } });
    }
    await this.objects.delete(kinds.cluster, cluster);
  }

  /** What is left of a cluster that was deleted. */
  async remains(cluster: string): Promise<readonly string[]> {
    const object = await this.objects.find(kinds.cluster, cluster);
    const claims = await this.objects.list(kinds.claim, { [labels.cluster]: cluster });
    const schedules = await this.schedulesOf(cluster);
    return [
      ...schedules.map(({ metadata }) => `ScheduledBackup ${metadata.name}`),
      ...(object === undefined ? [] : [`Cluster ${cluster}`]),
      ...claims.map(({ metadata }) => `claim ${metadata.name}`),
      ...(await this.volumesOf(cluster)).map((name) => `volume ${name}`),
    ];
  }

  /** Clusters whose names begin so, and those of which only volumes are left. */
  async namesOf(prefix: string): Promise<readonly string[]> {
    const clusters = (await this.clusters()).map(({ name }) => name);
    const volumes = (await this.volumes()).map(({ claim }) => claim.replace(INSTANCE, ""));
    return [...new Set([...clusters, ...volumes])].filter((name) => name.startsWith(prefix)).sort();
  }

  private async service(name: string) {
    const found = await this.objects.find(kinds.service, name);
    return found && parsed(serviceSchema, found);
  }

  private async object(cluster: string): Promise<KubernetesObject> {
    const found = await this.objects.find(kinds.cluster, cluster);
    if (found === undefined) throw new Error(`The Cluster ${cluster} is gone`);
    return found;
  }

  /** Volumes that a cluster's claims have, or had: what is in them outlives the claims. */
  private async volumesOf(cluster: string): Promise<readonly string[]> {
    const volumes = await this.volumes();
    return volumes.filter(({ claim }) => claim.replace(INSTANCE, "") === cluster).map(({ name }) => name);
  }

  /** Volumes of the namespace, with the claim that each has or had. */
  private async volumes() {
    const volumes = (await this.objects.list(kinds.volume)).map((one) => parsed(volumeSchema, one));
    return volumes.flatMap(({ metadata, spec: { claimRef } }) =>
      claimRef?.namespace === this.place.namespace ? [{ name: metadata.name, claim: claimRef.name }] : [],
    );
  }
}
