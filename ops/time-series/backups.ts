import { BARMAN_PLUGIN, TIME_SERIES } from "../../config/names";
import { refused } from "../core/outcome";
import type { KubernetesObject, Objects } from "../kubernetes/objects";
import { baseBackupOf } from "./base-backup";
import type { BaseBackup } from "./base-backup";
import { parsed } from "./cluster";
import { marksOf } from "./copy";
import { kinds } from "./kinds";
import { scheduleSchema, storeSchema } from "./schemas";

/** What the bucket has of a server. */
export interface RecoveryWindow {
  /** First moment that can be restored. */
  readonly from: string | undefined;
  /** When the newest base backup was over. */
  readonly lastBackup: string | undefined;
  readonly lastFailure: string | undefined;
}

/** Backups of the time series' own server: what is in the bucket, what is on record, and what is scheduled. */
export class SeriesBackups {
  constructor(protected readonly objects: Objects) {}

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

  /** Clusters whose base backups are scheduled. */
  async scheduled(): Promise<readonly string[]> {
    const schedules = (await this.objects.list(kinds.schedule)).map((one) => parsed(scheduleSchema, one).spec);
    return schedules.filter(({ suspend }) => !suspend).map(({ cluster }) => cluster.name);
  }

  /**
   * Has base backups of a cluster taken as those of another were, which are taken no more. Where its schedule is new, the
   * first is taken at once. Does nothing where none is scheduled.
   */
  async moveSchedule(from: string, to: string): Promise<void> {
    const [[model], [own]] = [await this.schedulesOf(from), await this.schedulesOf(to)];
    if (model === undefined) return;
    const suspend = (name: string, is: boolean) => this.objects.merge(kinds.schedule, name, { spec: { suspend: is } });
    if (own === undefined) {
      const { spec } = parsed(scheduleSchema, model);
      await this.objects.create({
        ...kinds.schedule,
        metadata: { name: to, ...marksOf(model.metadata) },
        spec: { ...spec, cluster: { name: to }, suspend: false },
      });
    } else await suspend(own.metadata.name, false);
    await suspend(model.metadata.name, true);
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

  protected async schedulesOf(cluster: string): Promise<readonly KubernetesObject[]> {
    const schedules = await this.objects.list(kinds.schedule);
    return schedules.filter((one) => parsed(scheduleSchema, one).spec.cluster.name === cluster);
  }
}
