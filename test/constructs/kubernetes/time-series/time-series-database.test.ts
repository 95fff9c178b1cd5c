import { Release } from "@cdktf/provider-helm/lib/release";
import { RoleBindingV1 } from "@cdktf/provider-kubernetes/lib/role-binding-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { Cluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import { extensionsSchema } from "../../../../app/packages/contract/database";
import { objectStoreSpec } from "../../../../constructs/kubernetes/time-series/object-store-schema";
import { TimeSeriesDatabase } from "../../../../constructs/kubernetes/time-series/time-series-database";
import type { TimeSeriesDatabaseProps } from "../../../../constructs/kubernetes/time-series/time-series-database";
import { optOutsOf } from "../../../../constructs/support/protection";
import { only, resources, testStack } from "../../../support/template";
import { timescaledb } from "../../../support/time-series";

interface Found {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
  readonly spec: Record<string, unknown>;
}

function declare(more: Partial<TimeSeriesDatabaseProps> = {}) {
  const stack = testStack();
  const database = new TimeSeriesDatabase(stack, "TimeSeries", {
    settings: timescaledb,
    namespace: "trading",
    region: "us-east-1",
    database: "bist_trading",
    owner: "bist_admin",
    ownerSecret: { arn: "arn:owner", name: "bist/database/time-series" },
    backupBucket: "backups",
    nodeSelector: { NodeType: "database" },
    tolerations: [{ key: "database", operator: "Equal", value: "true", effect: "NoSchedule" }],
    protection: true,
    after: [],
    ...more,
  });
  return { stack, database };
}

function objects(more?: Partial<TimeSeriesDatabaseProps>): readonly Found[] {
  const [values] = only(declare(more).stack, Release)["values"] as [string];
  return (JSON.parse(values) as { objects: Found[] }).objects;
}

function specOf(kind: string, name?: string): Record<string, unknown> {
  const found = objects().find((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  if (found === undefined) throw new Error(`no ${kind} ${name ?? ""}`);
  return found.spec;
}

const cluster = () => specOf("Cluster") as unknown as NonNullable<Cluster["spec"]>;

describe("TimeSeriesDatabase", () => {
  test("is nothing where the time series are in the database on RDS", () => {
    const { stack, database } = declare({ settings: { in: "database" }, ownerSecret: undefined });
    expect(database.server).toBeUndefined();
    for (const type of [Release, RoleV1, RoleBindingV1, ServiceV1, ServiceAccountV1])
      expect(resources(stack, type)).toEqual([]);
  });

  test("is an instance in each of two zones, on the nodes that the guide bought for the database", () => {
    expect(cluster()).toMatchObject({
      instances: 2,
      affinity: {
        podAntiAffinityType: "required",
        topologyKey: "topology.kubernetes.io/zone",
        nodeSelector: { NodeType: "database" },
        tolerations: [{ key: "database", operator: "Equal", value: "true", effect: "NoSchedule" }],
      },
      storage: { size: "500Gi", storageClass: "gp3-encrypted" },
      walStorage: { size: "50Gi", storageClass: "gp3-encrypted" },
      resources: { requests: { cpu: "4000m", memory: "32Gi" }, limits: { cpu: "6000m", memory: "32Gi" } },
    });
  });

  test("is Timescale's image, of the major version that its tag does not begin with", () => {
    expect(specOf("ImageCatalog")).toEqual({
      images: [{ major: 17, image: "timescale/timescaledb-ha:pg17.10-ts2.28.2" }],
    });
    expect(cluster()).toMatchObject({
      imageCatalogRef: { apiGroup: "postgresql.cnpg.io", kind: "ImageCatalog", name: "time-series", major: 17 },
      postgresUID: 1000,
      postgresGID: 1000,
    });
  });

  test("has the guide's parameters, TimescaleDB preloaded, and compiles no statement", () => {
    const { parameters, shared_preload_libraries: libraries } = cluster().postgresql ?? {};
    expect(libraries).toEqual(["timescaledb"]);
    expect(parameters).toMatchObject({
      shared_buffers: "8192MB",
      effective_cache_size: "24576MB",
      work_mem: "256MB",
      maintenance_work_mem: "2048MB",
      checkpoint_completion_target: "0.9",
      wal_buffers: "64MB",
      checkpoint_timeout: "10min",
      max_connections: "450",
      log_statement: "ddl",
      log_min_duration_statement: "1000",
      wal_level: "replica",
      wal_keep_size: "1024MB",
      jit: "off",
      "timescaledb.max_background_workers": "8",
      "timescaledb.telemetry_level": "off",
    });
    // Timescale's own license, which compression is under, is the image's default.
    expect(parameters).not.toHaveProperty("timescaledb.license");
  });

  test("keeps its log within its volume: checkpoints, a replica that is away, and what is kept", () => {
    const { parameters = {} } = cluster().postgresql ?? {};
    expect(parameters).toMatchObject({ max_wal_size: "8GB", max_slot_wal_keep_size: "25GB" });
  });

  test("commits on two instances while there are two, and goes on with one", () => {
    expect(cluster().postgresql?.synchronous).toEqual({ method: "any", number: 1, dataDurability: "preferred" });
  });

  test("archives its log every 30 seconds, and has a base backup every day from the first", () => {
    expect(cluster()).toMatchObject({
      postgresql: { parameters: { archive_timeout: "30s" } },
      plugins: [
        {
          name: "barman-cloud.cloudnative-pg.io",
          isWALArchiver: true,
          parameters: { barmanObjectName: "time-series" },
        },
      ],
    });
    expect(specOf("ScheduledBackup")).toEqual({
      cluster: { name: "time-series" },
      schedule: "0 0 1 * * *",
      immediate: true,
      backupOwnerReference: "none",
      target: "prefer-standby",
      method: "plugin",
      pluginConfiguration: { name: "barman-cloud.cloudnative-pg.io" },
    });
    expect(specOf("ObjectStore")).toMatchObject({
      configuration: { destinationPath: "s3://backups/time-series/", s3Credentials: { inheritFromIAMRole: true } },
      retentionPolicy: "7d",
    });
  });

  test("has a schedule of its own for a copy that took its place: a schedule's cluster cannot change", () => {
    const named = objects({ settings: { ...timescaledb, cluster: "time-series-copy" } });
    const schedules = named.filter(({ kind }) => kind === "ScheduledBackup");
    expect(schedules.map(({ metadata, spec }) => [metadata.name, spec["cluster"]])).toEqual([
      ["time-series-copy", { name: "time-series-copy" }],
    ]);
  });

  test("says of its object store what the definition knows, and all that it asks for", () => {
    expect(unknownOf(objectStoreSpec, specOf("ObjectStore"))).toEqual([]);
    expect(unknownOf(objectStoreSpec, { configuration: { bucket: "x", data: { compression: "zstd" } } })).toEqual([
      "configuration.destinationPath is missing",
      "configuration.bucket is unknown",
      "configuration.data.compression is not one of bzip2, gzip, lz4, snappy",
    ]);
  });

  test("has an owner with the rights that RDS's master user has, and no superuser to sign in as", () => {
    expect(cluster()).toMatchObject({
      enableSuperuserAccess: false,
      bootstrap: { initdb: { database: "bist_trading", owner: "bist_admin", secret: { name: "time-series-owner" } } },
    });
    expect(cluster().managed?.roles).toEqual([
      {
        name: "bist_admin",
        ensure: "present",
        login: true,
        createdb: true,
        createrole: true,
        superuser: false,
        inRoles: ["pg_monitor", "pg_signal_backend"],
        passwordSecret: { name: "time-series-owner" },
      },
    ]);
  });

  test("creates what takes a superuser where the application looks for it", () => {
    expect(cluster().bootstrap?.initdb?.postInitApplicationSQL).toEqual([
      `CREATE SCHEMA ${extensionsSchema} AUTHORIZATION "bist_admin"`,
      `CREATE EXTENSION pg_stat_statements SCHEMA ${extensionsSchema}`,
    ]);
    expect(cluster().postgresql?.parameters).toHaveProperty(["pg_stat_statements.max"]);
  });

  test("takes the owner's password from Secrets Manager, as the operator reads it, anew when it changes", () => {
    expect(specOf("ExternalSecret")).toMatchObject({
      target: {
        name: "time-series-owner",
        template: {
          type: "kubernetes.io/basic-auth",
          metadata: { labels: { "cnpg.io/reload": "true" } },
          data: { username: "bist_admin", password: "{{ .password }}" },
        },
      },
      data: [{ secretKey: "password", remoteRef: { key: "bist/database/time-series", property: "password" } }],
    });
  });

  test("takes TLS only, by certificates of cert-manager's that name the Service", () => {
    const { database } = declare();
    expect(cluster()).toMatchObject({
      certificates: {
        serverCASecret: "time-series-ca",
        serverTLSSecret: "time-series-server",
        clientCASecret: "time-series-ca",
        replicationTLSSecret: "time-series-replication",
      },
      postgresql: { pg_hba: ["hostnossl all all all reject"] },
    });
    const server = specOf("Certificate", "time-series-server");
    expect(server["dnsNames"]).toContain(database.server?.host);
    expect(server["dnsNames"]).toContain("time-series-rw.trading.svc");
    expect(server["issuerRef"]).toMatchObject({ kind: "Issuer", name: "time-series-ca" });
    expect(specOf("Certificate", "time-series-replication")).toMatchObject({ commonName: "streaming_replica" });
  });

  test("has an authority that keeps its key, so that clients which read it once trust what it signs later", () => {
    expect(specOf("Certificate", "time-series-ca")).toMatchObject({
      isCA: true,
      duration: "87600h",
      privateKey: { rotationPolicy: "Never" },
      issuerRef: { name: "time-series-bootstrap" },
    });
  });

  test("leads clients to the primary of the live cluster, and leaves another one that `ops` leads them to", () => {
    const service = only(declare({ settings: { ...timescaledb, cluster: "restored" } }).stack, ServiceV1);
    expect(service).toMatchObject({
      metadata: { name: "time-series", namespace: "trading" },
      spec: {
        selector: { "cnpg.io/cluster": "restored", "cnpg.io/instanceRole": "primary" },
        port: [{ port: 5432, target_port: "5432" }],
      },
      lifecycle: { ignore_changes: ["spec[0].selector"] },
    });
  });

  test("shares its service account, its labels and its certificates with copies, whatever they are called", () => {
    expect(only(declare().stack, ServiceAccountV1)).toMatchObject({
      metadata: { name: "time-series" },
      // Without it an instance of 1.30 cannot ask who is the primary.
      automount_service_account_token: true,
    });
    expect(cluster()).toMatchObject({
      serviceAccountName: "time-series",
      inheritedMetadata: { labels: { app: "time-series" } },
    });
    const names = (more?: Partial<TimeSeriesDatabaseProps>) =>
      objects(more)
        .filter(({ kind }) => kind !== "Cluster" && kind !== "ScheduledBackup")
        .map(({ metadata }) => metadata.name);
    expect(names({ settings: { ...timescaledb, cluster: "restored" } })).toEqual(names());
  });

  test("lets instances of any cluster read where their log goes: the plugin binds the account of the cluster's name alone", () => {
    const { stack } = declare({ settings: { ...timescaledb, cluster: "restored" } });
    const named = { api_groups: ["barmancloud.cnpg.io"], resource_names: ["time-series"] };
    const metadata = { name: "time-series-object-store", namespace: "trading" };
    expect(only(stack, RoleV1)).toMatchObject({
      metadata,
      rule: [
        { ...named, resources: ["objectstores"], verbs: ["get", "list", "watch"] },
        { ...named, resources: ["objectstores/status"], verbs: ["update"] },
      ],
    });
    const binding = only(stack, RoleBindingV1);
    expect(binding).toMatchObject({ metadata, subject: [{ kind: "ServiceAccount", namespace: "trading" }] });
    expect(JSON.stringify(binding["subject"])).toContain("kubernetes_service_account_v1.TimeSeries_ServiceAccount");
    expect(JSON.stringify(binding["role_ref"])).toContain("kubernetes_role_v1.TimeSeries_ObjectStoreRole");
  });

  test("outlives its release, unless its data is disposable", () => {
    for (const { metadata } of objects()) expect(metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
    const protection = { reason: "The data of this test is disposable." };
    for (const { metadata } of objects({ protection })) expect(metadata.annotations).toBeUndefined();
    const [release] = declare({ protection })
      .stack.node.findAll()
      .filter((node) => node instanceof Release);
    expect(release === undefined ? [] : optOutsOf(release)).toEqual([
      { setting: "helm.sh/resource-policy", ...protection },
    ]);
  });

  test("refuses to be without its owner's secret", () => {
    expect(() => declare({ ownerSecret: undefined })).toThrow("TimeSeries: the environment has no secret of the owner");
  });
});

interface Schema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** What a value says that a schema does not know or allow, and what it leaves out. */
function unknownOf(schema: Schema, value: unknown, path: readonly string[] = []): readonly string[] {
  const at = (key: string) => [...path, key].join(".");
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
    return [`${path.join(".")} is not one of ${schema.enum.join(", ")}`];
  }
  const { properties, required = [] } = schema;
  if (properties === undefined) return [];
  const object = value as Record<string, unknown>;
  return [
    ...required.filter((key) => !(key in object)).map((key) => `${at(key)} is missing`),
    ...Object.entries(object).flatMap(([key, child]) =>
      properties[key] === undefined ? [`${at(key)} is unknown`] : unknownOf(properties[key], child, [...path, key]),
    ),
  ];
}
