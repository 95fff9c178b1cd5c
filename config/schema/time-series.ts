import { z } from "zod";
import type { cluster } from "./cluster";
import { postgresSettings } from "./database";
import { instanceSize } from "./instance-size";
import type { Problem, Relation, Sound } from "./relations";
import { backupSchedule } from "./schedules";
import { cpu, memory, quantity } from "./trading";
import { days, imageReference } from "./values";

const resources = z.strictObject({ cpu, memory });

const timescaledb = z.strictObject({
  /** A PostgreSQL with TimescaleDB on the cluster's node group `database`, beside RDS. */
  in: z.literal("timescaledb"),
  /** The live cluster of instances. Another name is that of a restored copy, which took its place. */
  cluster: z
    .string()
    .regex(
      /^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$/,
      "is not the name of a cluster; use at most 50 lower-case letters, digits and hyphens",
    )
    .default("time-series"),
  /** PostgreSQL major version, that of the image. */
  majorVersion: z.literal(["15", "16", "17"]),
  /**
   * PostgreSQL with TimescaleDB under the user and group 1000, as Timescale builds it. A tag of PostgreSQL's minor version
   * and TimescaleDB's patch does not move; one of fewer parts does.
   */
  image: imageReference,
  /** One takes writes; each has a zone of its own. */
  instances: z.int().min(2).max(3),
  /** Volume of each instance, GiB, gp3. It can grow, and never shrinks. */
  storageGiB: z.int().min(20).max(16384),
  /** Volume of each instance for write-ahead log alone, GiB, gp3. */
  walStorageGiB: z.int().min(10).max(16384),
  requests: resources,
  limits: resources,
  /** Days back to which any moment can be restored. */
  backupRetentionDays: days,
  /** When a base backup is taken, UTC, cron of six fields, seconds first; every hour at most. */
  baseBackupSchedule: backupSchedule,
  parameters: postgresSettings,
});

/** Where market data is kept. */
export const timeSeries = z
  .discriminatedUnion("in", [
    z.strictObject({
      /** In the platform's database on RDS, in partitions. */
      in: z.literal("database"),
    }),
    timescaledb,
  ])
  .default({ in: "database" });

export type TimeSeries = Readonly<z.infer<typeof timeSeries>>;
export type TimescaledbSettings = Readonly<z.infer<typeof timescaledb>>;

/** Of the plugin's process beside each instance: it compresses, and holds a few parts of an upload. */
export const archiverResources = {
  requests: { cpu: "250m", memory: "512Mi" },
  limits: { cpu: "2000m", memory: "1Gi" },
} as const;

/** What Kubernetes, the agents of a node and its kernel leave to pods of what the instance type has. */
const LEFT_TO_PODS = 0.9;

/** What of an environment decides whether its instances have a place. */
interface Placed {
  readonly aws: { readonly availabilityZones: string[] };
  readonly cluster: z.infer<typeof cluster>;
  readonly timeSeries: z.infer<typeof timeSeries>;
}

/** The settings of a TimescaleDB, as far as they are sound; nothing where there is none. */
function settingsOf({ timeSeries: chosen }: Sound<Pick<Placed, "timeSeries">>): Sound<TimescaledbSettings> | undefined {
  return chosen?.in === "timescaledb" ? chosen : undefined;
}

export const instancesHaveAPlace: Relation<Placed> = (environment) => {
  const { instances, requests } = settingsOf(environment) ?? {};
  const zones = environment.aws?.availabilityZones?.length;
  const nodes = environment.cluster?.nodeGroups?.database;
  const type = smallest(nodes?.instanceTypes ?? []);
  return [
    ...problemIf(
      instances !== undefined && zones !== undefined && instances > zones,
      ["instances"],
      `is more than the ${zones ?? 0} availability zones; one that shares a zone is lost with it`,
    ),
    ...problemIf(
      instances !== undefined && nodes?.minSize !== undefined && nodes.minSize < instances,
      ["instances"],
      `is more than the nodes of cluster.nodeGroups.database, whose minSize is ${nodes?.minSize ?? 0}; raise it`,
    ),
    ...(type === undefined ? [] : requestsFitANode(requests, type)),
  ];
};

interface Node {
  readonly name: string;
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
}

/** Of the instance types that a group may have, the one that fits the least; nothing where one is not known. */
function smallest(types: readonly (string | undefined)[]): Node | undefined {
  const nodes = types.flatMap((name): readonly Node[] => {
    const size = name === undefined ? undefined : instanceSize(name);
    return name === undefined || size === undefined
      ? []
      : [{ name, cpuMillicores: size.cpus * 1000, memoryMiB: size.memoryMiB }];
  });
  return nodes.length === types.length ? nodes.sort((one, other) => one.memoryMiB - other.memoryMiB)[0] : undefined;
}

function requestsFitANode(
  requests: Sound<TimescaledbSettings["requests"]> | undefined,
  node: Node,
): readonly Problem[] {
  const { cpu: cpus, memory: bytes } = requests ?? {};
  const { requests: beside } = archiverResources;
  const cpuLeft = Math.floor(node.cpuMillicores * LEFT_TO_PODS) - quantity(beside.cpu);
  const memoryLeft = Math.floor(node.memoryMiB * LEFT_TO_PODS) - quantity(beside.memory);
  const fits = (left: string) =>
    `does not fit a node of cluster.nodeGroups.database: ${node.name} leaves ${left} to an instance beside its archiver`;
  return [
    ...problemIf(cpus !== undefined && quantity(cpus) > cpuLeft, ["requests", "cpu"], fits(`${cpuLeft}m`)),
    ...problemIf(bytes !== undefined && quantity(bytes) > memoryLeft, ["requests", "memory"], fits(`${memoryLeft}Mi`)),
  ];
}

export const instancesFitThemselves: Relation<Pick<Placed, "timeSeries">> = (environment) => {
  const { image, majorVersion, requests, limits, parameters, walStorageGiB } = settingsOf(environment) ?? {};
  const [, tagged] = /:pg(\d+)/.exec(image ?? "") ?? [];
  const requested = requests?.memory === undefined ? undefined : quantity(requests.memory);
  const halfOfMemory = limits?.memory === undefined ? undefined : quantity(limits.memory) / 2;
  const halfOfWal = walStorageGiB === undefined ? undefined : (walStorageGiB * 1024) / 2;
  return [
    ...problemIf(
      tagged !== undefined && majorVersion !== undefined && tagged !== majorVersion,
      ["image"],
      `is not of majorVersion ${majorVersion ?? ""}; PostgreSQL does not start on another one's files`,
    ),
    ...(["cpu", "memory"] as const).flatMap((resource) => {
      const [request, limit] = [requests?.[resource], limits?.[resource]];
      return problemIf(
        request !== undefined && limit !== undefined && quantity(request) > quantity(limit),
        ["requests", resource],
        `is above its limit ${limit ?? ""}; a pod cannot ask for more than it may use`,
      );
    }),
    ...problemIf(
      isAbove(parameters?.sharedBuffersMiB, halfOfMemory),
      ["parameters", "sharedBuffersMiB"],
      `is above half of limits.memory ${limits?.memory ?? ""}; use a quarter, sessions and the page cache need the rest`,
    ),
    ...problemIf(
      requested !== 0 && isAbove(parameters?.sharedBuffersMiB, requested),
      ["parameters", "sharedBuffersMiB"],
      `is above requests.memory ${requests?.memory ?? ""}; the operator takes no server that does not ask for its buffers`,
    ),
    ...problemIf(
      isAbove(parameters?.walKeepSizeMiB, halfOfWal),
      ["parameters", "walKeepSizeMiB"],
      `is above half of walStorageGiB ${walStorageGiB ?? 0}; a server whose log has no room stops`,
    ),
  ];
};

const isAbove = (value: number | undefined, most: number | undefined): boolean =>
  value !== undefined && most !== undefined && value > most;

const problemIf = (holds: boolean, path: readonly string[], message: string): readonly Problem[] =>
  holds ? [{ path: ["timeSeries", ...path], message }] : [];
