import type { EnvironmentInput } from "./schema/environment";
import { production } from "./production";

/** The same shape as production, smaller, in an account and a domain of its own. */
export const staging = {
  ...production,
  name: "staging",
  prefix: "bist-trading-staging",
  aws: { ...production.aws, accountId: "444455556666" },
  state: { kind: "s3", bucket: "bist-trading-staging-terraform-state" },
  operators: { ...production.operators, confirmByName: false },
  network: {
    ...production.network,
    cidr: "10.1.0.0/16",
    publicSubnets: ["10.1.1.0/24", "10.1.2.0/24"],
    privateSubnets: ["10.1.10.0/24", "10.1.11.0/24"],
    databaseSubnets: ["10.1.20.0/24", "10.1.21.0/24"],
    natGateways: "single",
  },
  cluster: {
    ...production.cluster,
    name: "bist-trading-staging",
    administratorArns: ["arn:aws:iam::444455556666:role/PlatformAdministrator"],
    nodeGroups: {
      application: { ...production.cluster.nodeGroups.application, minSize: 2, desiredSize: 2, maxSize: 4 },
      database: {
        ...production.cluster.nodeGroups.database,
        instanceTypes: ["r5.large"],
        minSize: 1,
        desiredSize: 1,
        maxSize: 2,
      },
      system: production.cluster.nodeGroups.system,
    },
  },
  database: {
    ...production.database,
    identifier: "bist-trading-postgres-staging",
    instanceClass: "db.r5.large",
    storageGiB: 100,
    maxStorageGiB: 400,
    parameters: {
      ...production.database.parameters,
      sharedBuffersMiB: 4 * 1024,
      effectiveCacheSizeMiB: 12 * 1024,
      workMemMiB: 64,
      maintenanceWorkMemMiB: 512,
      maxConnections: 300,
    },
  },
  cache: {
    ...production.cache,
    identifier: "bist-trading-redis-staging",
    nodeType: "cache.r6g.large",
    nodes: 2,
  },
  edge: {
    ...production.edge,
    domain: "staging.bist-trading.com",
    hosts: {
      api: "api.staging.bist-trading.com",
      userManagement: "user-api.staging.bist-trading.com",
      marketData: "market.staging.bist-trading.com",
      brokerIntegration: "trading.staging.bist-trading.com",
      monitor: "monitor.staging.bist-trading.com",
    },
  },
  observability: {
    metrics: { retentionDays: 7, storageGiB: 20 },
    traces: { retentionDays: 2, storageGiB: 10 },
    feedDelaySeconds: 900,
  },
  trading: {
    ...production.trading,
    namespace: "bist-trading-staging",
    // One user an address: staging has a proxy of its own, or none.
    brokerProxy: undefined,
    services: {
      userManagement: { ...production.trading.services.userManagement, replicas: 2 },
      marketData: {
        ...production.trading.services.marketData,
        autoscaling: { ...production.trading.services.marketData.autoscaling, minReplicas: 2, maxReplicas: 4 },
      },
      brokerIntegration: { ...production.trading.services.brokerIntegration, replicas: 2 },
    },
    allowedOrigins: ["https://staging.bist-trading.com", "https://app.staging.bist-trading.com"],
  },
  delivery: {
    ...production.delivery,
    github: { ...production.delivery.github, environment: "staging" },
  },
} satisfies EnvironmentInput;
