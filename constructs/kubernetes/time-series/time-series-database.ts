import { RoleBindingV1 } from "@cdktf/provider-kubernetes/lib/role-binding-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { TIME_SERIES, timeSeriesHost } from "../../../config/names";
import type { TimeSeries, TimescaledbSettings } from "../../../config/schema/time-series";
import type { SecretReference } from "../../aws/secrets/application-secrets";
import { noteOptOut } from "../../support/protection";
import type { Protection } from "../../support/protection";
import { CustomObjects } from "../custom-objects/custom-objects";
import type { CustomObject } from "../custom-objects/custom-objects";
import { INSTANCE_LABELS } from "../network-policy/application-policies";
import type { Toleration } from "../workload/pod";
import { certificates, certificateSecrets } from "./certificates";
import { cluster, imageCatalog, scheduledBackup } from "./cluster";
import { ObjectStore } from "./object-store";
import { OWNER_SECRET, ownerSecret } from "./owner-secret";

export interface TimeSeriesDatabaseProps {
  /** Where the environment keeps its time series: only `timescaledb` has a server of their own. */
  readonly settings: TimeSeries;
  readonly namespace: string;
  readonly region: string;
  /** The database on the server, named as the other one is. */
  readonly database: string;
  /** Who owns the database. */
  readonly owner: string;
  /** The owner's password in Secrets Manager, where there is a server. */
  readonly ownerSecret?: SecretReference | undefined;
  readonly backupBucket: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly protection: Protection;
  /** What must be there first: the store of secrets. */
  readonly after: readonly ITerraformDependable[];
}

/** How the server of the time series is reached. */
export interface TimeSeriesServer {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly owner: string;
  /** Secret whose `ca.crt` signs for it. */
  readonly authoritySecret: string;
  /** What a pod that connects waits for. */
  readonly ready: ITerraformDependable;
}

/** The server as the application's variables name it: by TLS always, as the server takes no other. */
export const accessTo = ({ host, port, name }: TimeSeriesServer) => ({ host, port, name, sslMode: "verify-full" });

const PORT = 5432;

/** Annotation of what stays when its release goes, or no longer has it. */
export const RESOURCE_POLICY = "helm.sh/resource-policy";

/**
 * The server of the time series, on nodes of the cluster: objects that CloudNativePG runs PostgreSQL with TimescaleDB by,
 * backed up to the bucket of backups. An environment whose time series are in the database on RDS has none.
 */
export class TimeSeriesDatabase extends Construct {
  /** Absent where the time series are in the database on RDS. */
  readonly server: TimeSeriesServer | undefined;

  constructor(scope: Construct, id: string, props: TimeSeriesDatabaseProps) {
    super(scope, id);
    if (props.settings.in === "timescaledb") this.server = this.declare(props.settings, props);
  }

  private declare(settings: TimescaledbSettings, props: TimeSeriesDatabaseProps): TimeSeriesServer {
    const { namespace, database, owner, ownerSecret: secret, protection } = props;
    if (secret === undefined) throw new Error(`${this.node.path}: the environment has no secret of the owner`);
    const account = new ServiceAccountV1(this, "ServiceAccount", {
      metadata: { name: TIME_SERIES, namespace },
      // An instance asks the Kubernetes API who is the primary, and tells it how it is.
      automountServiceAccountToken: true,
    });
    const rights = this.grantReadingTheObjectStore(namespace, account.metadata.name);
    const service = this.service(namespace, settings.cluster);
    const objects: readonly CustomObject[] = [
      ownerSecret(namespace, owner, secret.name),
      ...certificates(namespace, hostsOf(namespace, settings.cluster)),
      imageCatalog(namespace, settings),
      new ObjectStore({
        namespace,
        bucket: props.backupBucket,
        region: props.region,
        retentionDays: settings.backupRetentionDays,
      }),
      cluster({ ...props, settings, ownerSecret: OWNER_SECRET }),
      scheduledBackup(namespace, settings),
    ];
    const { release } = new CustomObjects(this, "Objects", {
      releaseName: TIME_SERIES,
      namespace,
      objects: protection === true ? objects.map(kept) : objects,
      after: [account, rights, service, ...props.after],
    });
    if (protection !== true) noteOptOut(release, RESOURCE_POLICY, protection);
    return {
      host: timeSeriesHost(namespace),
      port: PORT,
      name: database,
      owner,
      authoritySecret: certificateSecrets.authority,
      ready: release,
    };
  }

  /**
   * Has the plugin's process beside each instance read where its log goes, and say there from when a moment can be restored.
   * The plugin itself grants that to the service account of the cluster's own name alone, which a cluster of another name
   * does not have. Source: plugin-barman-cloud, internal/cnpgi/operator/specs/role.go, v0.13.0.
   */
  private grantReadingTheObjectStore(namespace: string, account: string): RoleBindingV1 {
    const metadata = { name: `${TIME_SERIES}-object-store`, namespace };
    const apiGroups = ["barmancloud.cnpg.io"];
    const resourceNames = [TIME_SERIES];
    const role = new RoleV1(this, "ObjectStoreRole", {
      metadata,
      rule: [
        { apiGroups, resources: ["objectstores"], resourceNames, verbs: ["get", "list", "watch"] },
        { apiGroups, resources: ["objectstores/status"], resourceNames, verbs: ["update"] },
      ],
    });
    return new RoleBindingV1(this, "ObjectStoreRoleBinding", {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
      subject: [{ kind: "ServiceAccount", name: account, namespace }],
    });
  }

  /**
   * What clients connect to: the primary of the live cluster, which `ops restore` makes another one. A deploy before the
   * environment's file knows of it must not lead clients back.
   */
  private service(namespace: string, live: string): ServiceV1 {
    return new ServiceV1(this, "Service", {
      metadata: { name: TIME_SERIES, namespace, labels: INSTANCE_LABELS },
      spec: {
        type: "ClusterIP",
        selector: { "cnpg.io/cluster": live, "cnpg.io/instanceRole": "primary" },
        port: [{ name: "postgres", port: PORT, targetPort: String(PORT), protocol: "TCP" }],
      },
      lifecycle: { ignoreChanges: ["spec[0].selector"] },
    });
  }
}

/** The Service that clients connect to, and the operator's own of the cluster. */
function hostsOf(namespace: string, name: string): readonly string[] {
  return [TIME_SERIES, `${name}-rw`].flatMap((service) => [
    service,
    `${service}.${namespace}`,
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.cluster.local`,
  ]);
}

function kept(object: CustomObject): CustomObject {
  const metadata = { ...object.metadata, annotations: { [RESOURCE_POLICY]: "keep" } };
  return Object.assign(Object.create(Object.getPrototypeOf(object) as object) as CustomObject, object, { metadata });
}
