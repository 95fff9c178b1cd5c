import type { SeriesLook } from "../../../app/packages/contract/time-series";
import { BARMAN_PLUGIN, TIME_SERIES } from "../../../config/names";
import { cluster, scheduledBackup } from "../../../constructs/kubernetes/time-series/cluster";
import { ObjectStore } from "../../../constructs/kubernetes/time-series/object-store";
import type { KubernetesObject } from "../../../ops/kubernetes/objects";
import { kinds, labels } from "../../../ops/time-series/kinds";
import { timescaledb } from "../../support/time-series";
import type { AdminObjects } from "./admin-objects";
import type { SimulatedOperator } from "./simulated-operator";

/** As Helm marks what is of a release, and as the stack has it stay. */
const HELM = {
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: {
    "meta.helm.sh/release-name": TIME_SERIES,
    "meta.helm.sh/release-namespace": "trading",
    "helm.sh/resource-policy": "keep",
  },
};

/** What the stack `trading` declares of the server, by its own constructs. */
function declared(namespace: string): readonly KubernetesObject[] {
  const settings = { ...timescaledb, cluster: TIME_SERIES };
  const made = [
    cluster({
      namespace,
      settings,
      database: "bist_trading",
      owner: "bist_admin",
      ownerSecret: "time-series-owner",
      nodeSelector: { NodeType: "database" },
      tolerations: [{ key: "database", operator: "Equal", value: "true", effect: "NoSchedule" }],
    }),
    scheduledBackup(namespace, settings),
    new ObjectStore({ namespace, bucket: "backups", region: "us-east-1", retentionDays: 7 }),
  ].map((object) => {
    const plain = JSON.parse(JSON.stringify(object)) as KubernetesObject;
    return { ...plain, metadata: { ...plain.metadata, ...HELM } };
  });
  const selector = { [labels.cluster]: TIME_SERIES, [labels.role]: "primary" };
  const ports = [{ name: "postgres", port: 5432, targetPort: 5432 }];
  return [...made, { ...kinds.service, metadata: { name: TIME_SERIES }, spec: { selector, ports } }];
}

/** Has the server declared, and its operator bring it up. @param holds what is in it */
export async function bringUp(
  objects: AdminObjects,
  operator: SimulatedOperator,
  holds: SeriesLook,
  namespace = "trading",
): Promise<void> {
  for (const object of declared(namespace)) await objects.create(object);
  operator.holds[TIME_SERIES] = holds;
  await operator.bringUp(TIME_SERIES);
  // The first base backup is taken at once.
  await operator.settle();
}

/** Has a base backup taken, as its schedule does. */
export async function askForBackup(objects: AdminObjects, name: string, cluster = TIME_SERIES): Promise<void> {
  const spec = { cluster: { name: cluster }, method: "plugin", pluginConfiguration: { name: BARMAN_PLUGIN } };
  await objects.create({ ...kinds.backup, metadata: { name }, spec });
}

/** What a server holds at a time: ticks up to it, and the candles of its minutes. */
export function holdings(newest: string, ticks = 1_000): SeriesLook {
  return {
    migrations: ["001_users"],
    timescaledb: { version: "2.28.2", chunks: 24, oldestChunk: "2026-11-27T00:00:00.000Z" },
    problems: [],
    newestTick: newest,
    newestCandle: `${newest.slice(0, 16)}:00.000Z`,
    counted: { from: "2026-11-21T10:00:00.000Z", until: "2026-11-28T10:00:00.000Z" },
    ticks,
    candles: { "1d": 5, "1m": Math.floor(ticks / 10) },
  };
}
