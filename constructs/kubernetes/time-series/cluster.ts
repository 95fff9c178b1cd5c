import { Cluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import { ImageCatalog } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ImageCatalog";
import { ScheduledBackup } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ScheduledBackup";
import { extensionsSchema } from "../../../app/packages/contract/database";
import { BARMAN_PLUGIN, TIME_SERIES } from "../../../config/names";
import type { TimescaledbSettings } from "../../../config/schema/time-series";
import { INSTANCE_LABELS } from "../network-policy/application-policies";
import type { CustomObject } from "../custom-objects/custom-objects";
import { STORAGE_CLASS } from "../storage/default-storage-class";
import type { Toleration } from "../workload/pod";
import { certificateSecrets } from "./certificates";
import { timeSeriesParameters } from "./parameters";

export interface ClusterProps {
  readonly namespace: string;
  readonly settings: TimescaledbSettings;
  /** The database, and who owns it. */
  readonly database: string;
  readonly owner: string;
  /** Secret of the owner: `username` and `password`. */
  readonly ownerSecret: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
}

/** User and group of Timescale's image. */
const POSTGRES_ID = 1000;

/** Which image is PostgreSQL of which major version: its tag does not begin with it, as the operator would expect. */
export function imageCatalog(namespace: string, { image, majorVersion }: TimescaledbSettings): CustomObject {
  return new ImageCatalog({
    metadata: { name: TIME_SERIES, namespace },
    spec: { images: [{ major: Number(majorVersion), image }] },
  });
}

/**
 * PostgreSQL with TimescaleDB: a primary, and replicas in zones of their own. A commit waits for one of them, unless none
 * is there: nothing is lost with the primary, and nothing stands still for want of a replica.
 */
export function cluster(props: ClusterProps): CustomObject {
  const { namespace, settings, owner, ownerSecret } = props;
  const { authority, server, replication } = certificateSecrets;
  const volume = (size: number) => ({ size: `${size}Gi`, storageClass: STORAGE_CLASS, resizeInUseVolumes: true });
  return new Cluster({
    metadata: { name: settings.cluster, namespace },
    spec: {
      description: "Time series of the trading platform",
      instances: settings.instances,
      imageCatalogRef: {
        apiGroup: "postgresql.cnpg.io",
        kind: "ImageCatalog",
        name: TIME_SERIES,
        major: Number(settings.majorVersion),
      },
      postgresUID: POSTGRES_ID,
      postgresGID: POSTGRES_ID,
      // Restored copies have the same rights in AWS, and the same policies of the network.
      serviceAccountName: TIME_SERIES,
      inheritedMetadata: { labels: INSTANCE_LABELS },
      enableSuperuserAccess: false,
      enablePDB: true,
      primaryUpdateStrategy: "unsupervised",
      primaryUpdateMethod: "switchover",
      // Pools keep their connections for ever: waiting for them to leave is time without a primary.
      smartShutdownTimeout: 10,
      bootstrap: {
        initdb: {
          database: props.database,
          owner,
          secret: { name: ownerSecret },
          encoding: "UTF8",
          localeProvider: "libc",
          localeCollate: "C.UTF-8",
          localeCType: "C.UTF-8",
          dataChecksums: true,
          // The owner creates every other extension; this one takes a superuser.
          postInitApplicationSQL: [
            `CREATE SCHEMA ${extensionsSchema} AUTHORIZATION "${owner}"`,
            `CREATE EXTENSION pg_stat_statements SCHEMA ${extensionsSchema}`,
          ],
        },
      },
      managed: {
        roles: [
          {
            name: owner,
            ensure: "present",
            login: true,
            // What the master user of the database on RDS may do, and no more.
            createdb: true,
            createrole: true,
            superuser: false,
            inRoles: ["pg_monitor", "pg_signal_backend"],
            passwordSecret: { name: ownerSecret },
          },
        ],
      },
      postgresql: {
        parameters: timeSeriesParameters(settings),
        shared_preload_libraries: ["timescaledb"],
        synchronous: { method: "any", number: 1, dataDurability: "preferred" },
        pg_hba: ["hostnossl all all all reject"],
      },
      certificates: {
        serverCASecret: authority,
        serverTLSSecret: server,
        clientCASecret: authority,
        replicationTLSSecret: replication,
      },
      plugins: [{ name: BARMAN_PLUGIN, isWALArchiver: true, parameters: { barmanObjectName: TIME_SERIES } }],
      storage: volume(settings.storageGiB),
      walStorage: volume(settings.walStorageGiB),
      resources: { requests: settings.requests, limits: settings.limits },
      affinity: {
        enablePodAntiAffinity: true,
        podAntiAffinityType: "required",
        topologyKey: "topology.kubernetes.io/zone",
        nodeSelector: { ...props.nodeSelector },
        tolerations: props.tolerations.map((toleration) => ({ ...toleration })),
      },
      seccompProfile: { type: "RuntimeDefault" },
    },
  });
}

/**
 * A base backup of the live cluster, by a replica where there is one, from its first day on. Its cluster cannot change: one
 * that takes the live one's place has a schedule of its own, under its own name.
 */
export function scheduledBackup(
  namespace: string,
  { cluster: name, baseBackupSchedule }: TimescaledbSettings,
): CustomObject {
  return new ScheduledBackup({
    metadata: { name, namespace },
    spec: {
      cluster: { name },
      schedule: baseBackupSchedule,
      immediate: true,
      // Records of backups outlive their schedule: they are how a restore finds them.
      backupOwnerReference: "none",
      target: "prefer-standby",
      method: "plugin",
      pluginConfiguration: { name: BARMAN_PLUGIN },
    },
  });
}
