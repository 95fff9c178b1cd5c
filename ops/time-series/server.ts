import { z } from "zod";
import { BARMAN_PLUGIN, TIME_SERIES } from "../../config/names";
import { refused } from "../core/outcome";
import type { Objects } from "../kubernetes/objects";
import { baseBackupOf } from "./base-backup";
import type { BaseBackup } from "./base-backup";
import { clusterOf, parsed } from "./cluster";
import type { PostgresCluster } from "./cluster";
import { kinds, labels } from "./kinds";

/** A pod of a cluster. */
export interface Instance {
  readonly name: string;
  /** Whether it takes writes. */
  readonly primary: boolean;
  readonly ready: boolean;
}

/** What the bucket has of a server. */
export interface RecoveryWindow {
  /** First moment that can be restored. */
  readonly from: string | undefined;
  /** When the newest base backup was over. */
  readonly lastBackup: string | undefined;
  readonly lastFailure: string | undefined;
}

const serviceSchema = z.object({ spec: z.object({ selector: z.record(z.string(), z.string()).default({}) }) });

const podSchema = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
  status: z
    .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) })
    .default({ conditions: [] }),
});

/** Source: plugin-barman-cloud v0.13.0, api/v1/objectstore_types.go. */
const storeSchema = z.object({
  status: z
    .object({
      serverRecoveryWindow: z
        .record(
          z.string(),
          z.object({
            firstRecoverabilityPoint: z.iso.datetime().optional(),
            lastSuccessfulBackupTime: z.iso.datetime().optional(),
            lastFailedBackupTime: z.iso.datetime().optional(),
          }),
        )
        .default({}),
    })
    .default({ serverRecoveryWindow: {} }),
});

/** The server of the time series in the cluster: what its operator makes of it, and what clients connect to. */
export class TimeSeriesServer {
  /** @param declared the live cluster, as the environment's file names it */
  constructor(
    private readonly objects: Objects,
    readonly declared: string,
  ) {}

  /** The cluster that clients reach. @throws OperationError with `refused` where nothing leads to one */
  async live(): Promise<string> {
    const service = await this.objects.find(kinds.service, TIME_SERIES);
    const live = service && parsed(serviceSchema, service).spec.selector[labels.cluster];
    if (live !== undefined) return live;
    throw refused(`There is no Service ${TIME_SERIES} that leads to a Cluster: deploy the stack "trading" first`);
  }

  async find(name: string): Promise<PostgresCluster | undefined> {
    const found = await this.objects.find(kinds.cluster, name);
    return found && clusterOf(found);
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

  /** What can be restored, by the name of the server that was backed up. */
  async windows(): Promise<Readonly<Record<string, RecoveryWindow>>> {
    const store = await this.objects.find(kinds.store, TIME_SERIES);
    if (store === undefined) throw refused(`There is no ObjectStore ${TIME_SERIES}: deploy the stack "trading" first`);
    const { serverRecoveryWindow } = parsed(storeSchema, store).status;
    return Object.fromEntries(
      Object.entries(serverRecoveryWindow).map(([server, window]) => [
        server,
        {
          from: window.firstRecoverabilityPoint,
          lastBackup: window.lastSuccessfulBackupTime,
          lastFailure: window.lastFailedBackupTime,
        },
      ]),
    );
  }

  /** Base backups that are on record, of every cluster, the newest first. */
  async baseBackups(): Promise<readonly BaseBackup[]> {
    const found = (await this.objects.list(kinds.backup)).map(baseBackupOf);
    return found.sort((one, other) => other.asked.localeCompare(one.asked));
  }

  async baseBackup(name: string): Promise<BaseBackup | undefined> {
    const found = await this.objects.find(kinds.backup, name);
    return found && baseBackupOf(found);
  }

  /** Has the operator take a base backup. Does nothing where one of that name is there. */
  async beginBackup(name: string, cluster: string): Promise<void> {
    await this.objects.create({
      ...kinds.backup,
      metadata: { name },
      spec: {
        cluster: { name: cluster },
        // As the schedule has it: a standby has the time.
        target: "prefer-standby",
        method: "plugin",
        pluginConfiguration: { name: BARMAN_PLUGIN },
      },
    });
  }

  /** Takes the record of a base backup away; what of it is in the bucket, the retention removes. */
  async deleteBackup(name: string): Promise<void> {
    await this.objects.delete(kinds.backup, name);
  }
}
