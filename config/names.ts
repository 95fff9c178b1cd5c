import type { ServiceContract, ServiceKey } from "../app/packages/contract/services";
import type { Environment } from ".";
import type { Colour } from "./schema/release-state";
import type { Account } from "./account";

/** Names by which resources are found: by stacks that grant rights ahead of time, and by operations. */

/**
 * Bucket that the stacks' backends name, and where operations are on record; where states are kept in files it is there
 * all the same.
 */
export function stateBucketName({ state, prefix }: Pick<Environment, "state" | "prefix">): string {
  return state.kind === "s3" ? state.bucket : `${prefix}-terraform-state`;
}

/** Bucket of backups. Bucket names are shared by all of AWS. */
export function backupBucketName(prefix: string, { accountId }: Account): string {
  return `${prefix}-backups-${accountId}`;
}

/** What is kept in the bucket of backups, by the prefix of its keys. */
export const backupPrefixes = {
  /** Dumps of the database, which the bucket removes when they are too old. */
  dumps: "database/",
  /** Base backups and log of the time series' own server, which its operator removes. */
  timeSeries: "time-series/",
} as const;

/** SNS topic of every alarm. */
export function alarmTopicName(prefix: string): string {
  return `${prefix}-alarms`;
}

/** Names of the roles that the delivery stack makes and other stacks grant rights to. */
export function deliveryRoles(prefix: string) {
  return {
    /** Applies changes. */
    deploy: `${prefix}-deploy`,
    /** Reads what a plan needs. */
    plan: `${prefix}-plan`,
  } as const;
}

/** SSM parameter that says what is released. */
export function releaseParameterName(prefix: string): string {
  return `/${prefix}/release`;
}

/** Header by which an administrator reaches one colour, live or not: `X-Bist-Colour: green`. */
export const COLOUR_HEADER = "x-bist-colour";

/** A target group's name has at most 32 characters and cannot change: these leave 21 for the prefix. */
const SHORT = {
  userManagement: "user",
  marketData: "mkt",
  brokerIntegration: "trd",
} as const satisfies Record<ServiceKey, string>;

export function targetGroupName(prefix: string, service: ServiceKey, colour: Colour): string {
  return `${prefix}-${SHORT[service]}-${colour}`;
}

/** Where the operator that runs PostgreSQL in the cluster has its pods, and its plugins. */
export const POSTGRES_OPERATOR_NAMESPACE = "cnpg-system";

/**
 * What belongs to the time series' own server, in the application's namespace: the Service that leads to the primary of
 * the live cluster, the service account of every instance, the label `app` of their pods, the schedule of base backups and
 * the store that they go to.
 */
export const TIME_SERIES = "time-series";

/** Where clients reach the time series' own server: the name that its certificate has, whichever cluster is live. */
export const timeSeriesHost = (namespace: string) => `${TIME_SERIES}.${namespace}.svc`;

/** The plugin that archives log and takes backups, by the name that clusters call it by. */
export const BARMAN_PLUGIN = "barman-cloud.cloudnative-pg.io";

/** Kubernetes Service of a service, whatever its colour. */
export function serviceName({ name }: ServiceContract): string {
  return `${name}-service`;
}

/** Deployment of a colour, and its Kubernetes Service. */
export function deploymentName(contract: ServiceContract, colour: Colour): string {
  return `${serviceName(contract)}-${colour}`;
}

/** Autoscaler of a colour's Deployment, where the service has one. */
export function autoscalerName({ name }: ServiceContract, colour: Colour): string {
  return `${name}-hpa-${colour}`;
}

/** Starts the names of the Jobs that prepare the database, and labels their pods as `app`. */
export const BOOTSTRAP_JOB = "database-bootstrap";

/** As `BOOTSTRAP_JOB`, of the Jobs that prepare the time series' own server. */
export const TIME_SERIES_BOOTSTRAP_JOB = `${TIME_SERIES}-bootstrap`;

/** Annotation of pod templates that has pods replaced, as kubectl writes it; a deploy leaves it as it is. */
export const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
