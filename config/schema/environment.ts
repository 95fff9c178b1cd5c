import { z } from "zod";
import { overlap } from "./addresses";
import { cache, cacheWindowsAreApart } from "./cache";
import { cluster, nodeGroupsCanRun } from "./cluster";
import { connectionsFitTheServers } from "./connections";
import { database, databaseWindowsAreApart, storageCanGrow } from "./database";
import { edge, hostsAreDistinct, hostsBelongToTheDomain } from "./edge";
import { kubernetes } from "./kubernetes";
import { network, subnetsFitTheVpc, subnetTiers } from "./network";
import { observability } from "./observability";
import { backups, delivery, operators } from "./operations";
import { platform } from "./platform";
import type { Problem, Relation, Sound } from "./relations";
import { instancesFitThemselves, instancesHaveAPlace, timeSeries } from "./time-series";
import {
  autoscalingIsInOrder,
  disruptionsCanBeMet,
  poolIsInOrder,
  proxyIsInItsNetworks,
  addressesKeepNoCredentials,
  requestsFitLimits,
  trading,
} from "./trading";
import { optOut } from "./values";

const aws = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "is not a region, for example us-east-1"),
  /** The only account that this environment may ever be applied to. */
  accountId: z.string().regex(/^\d{12}$/, "is not a 12-digit account id"),
  /** Zones in use; subnets follow their order. */
  availabilityZones: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "is not an availability zone, for example us-east-1a"))
    .min(1),
  /** Address of an AWS emulator on this machine, in place of AWS. */
  emulator: z
    .url({
      protocol: /^http$/,
      hostname: /^(127\.0\.0\.1|localhost)$/,
      error: "is not an address on this machine, for example http://127.0.0.1:4566",
    })
    .optional(),
});

const state = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("s3"),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "is not a bucket name"),
  }),
  z.strictObject({
    kind: z.literal("local"),
    /** Folder below the project root. */
    folder: z.string(),
  }),
]);

export const environmentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,14}$/, "is not an environment name; use at most 15 lower-case letters and digits"),
  /** Starts the name of every resource that needs one, for example `bist-trading-prod`. */
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9-]{2,20}$/, "is not a prefix; use 3 to 21 lower-case letters, digits and hyphens"),
  aws,
  state,
  /** Deletion protection and `prevent_destroy` on what holds data. */
  protectData: z.union([z.literal(true), optOut], {
    error: "is neither true nor { reason }; say why the data is disposable",
  }),
  operators,
  network,
  cluster,
  database,
  timeSeries,
  cache,
  backups,
  edge,
  kubernetes,
  platform,
  observability,
  trading,
  delivery,
});

/** Everything that differs between environments; see each part's schema for units and limits. */
export type Environment = Readonly<z.infer<typeof environmentSchema>>;

/** An environment as its file writes it: what has a default may be left out. */
export type EnvironmentInput = z.input<typeof environmentSchema>;

/** Every check between fields, each below the part that it belongs to. */
export function relationProblems(value: Sound<Environment>): readonly Problem[] {
  return [
    ...zonesFitTheRegion(value),
    ...subnetsFitTheZones(value),
    ...servicesHaveTheirOwnRange(value),
    ...trustFitsTheAuthority(value),
    ...connectionsFitTheServers(value),
    ...instancesHaveAPlace(value),
    ...instancesFitThemselves(value),
    ...below("network", value.network, [subnetsFitTheVpc]),
    ...below("cluster", value.cluster, [nodeGroupsCanRun]),
    ...below("database", value.database, [databaseWindowsAreApart, storageCanGrow]),
    ...below("cache", value.cache, [cacheWindowsAreApart]),
    ...below("edge", value.edge, [hostsBelongToTheDomain, hostsAreDistinct]),
    ...below("trading", value.trading, [
      requestsFitLimits,
      autoscalingIsInOrder,
      disruptionsCanBeMet,
      proxyIsInItsNetworks,
      addressesKeepNoCredentials,
      poolIsInOrder,
    ]),
  ];
}

function below<T>(part: string, value: Sound<T> | undefined, relations: readonly Relation<T>[]): readonly Problem[] {
  if (value === undefined) return [];
  return relations
    .flatMap((relation) => relation(value))
    .map(({ path, message }) => ({ path: [part, ...path], message }));
}

const zonesFitTheRegion: Relation<Environment> = ({ aws: { region, availabilityZones } = {}, database }) => {
  if (availabilityZones === undefined) return [];
  const path = ["aws", "availabilityZones"];
  const zones = availabilityZones.filter((zone) => zone !== undefined);
  const foreign = zones.filter((zone) => region !== undefined && zone.slice(0, -1) !== region);
  const needs = database?.multiAz === true ? "database.multiAz needs" : "the load balancer and EKS need";
  return [
    ...foreign.map((zone) => ({
      path: [...path, availabilityZones.indexOf(zone)],
      message: `is not in the region ${region ?? ""}; use for example ${region ?? ""}a`,
    })),
    ...(new Set(zones).size === zones.length ? [] : [{ path, message: "names a zone twice; use distinct zones" }]),
    ...(availabilityZones.length === 1 ? [{ path, message: `is one zone; ${needs} at least two` }] : []),
  ];
};

const subnetsFitTheZones: Relation<Environment> = ({ aws: { availabilityZones } = {}, network: subnets = {} }) =>
  subnetTiers.flatMap((tier) => {
    const found = subnets[tier]?.length;
    const zones = availabilityZones?.length;
    if (found === undefined || zones === undefined || found === zones) return [];
    return [
      { path: ["network", tier], message: `has ${found} subnets for ${zones} availability zones; give one a zone` },
    ];
  });

const servicesHaveTheirOwnRange: Relation<Environment> = ({ network: vpc, cluster: { serviceCidr } = {} }) =>
  vpc?.cidr !== undefined && serviceCidr !== undefined && overlap(vpc.cidr, serviceCidr)
    ? [
        {
          path: ["cluster", "serviceCidr"],
          message: `overlaps the VPC ${vpc.cidr}; give Kubernetes Services a range of their own`,
        },
      ]
    : [];

/** Only a public authority is trusted without its certificate being configured. */
const trustFitsTheAuthority: Relation<Environment> = ({ platform: { authority } = {}, trading: application }) => {
  const trusted = application?.certificate?.publiclyTrusted;
  if (authority?.kind === undefined || trusted === undefined || trusted === (authority.kind === "acme")) return [];
  return [
    {
      path: ["trading", "certificate", "publiclyTrusted"],
      message: `does not fit platform.authority.kind "${authority.kind}"; use ${String(!trusted)}`,
    },
  ];
};
