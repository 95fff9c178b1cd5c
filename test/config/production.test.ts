import { environment } from "../../config";

/**
 * The production setup guide's values for AWS, typed from its own listings. Where it can no longer be followed, the
 * decision record is named.
 */
describe("production has the guide's values", () => {
  const production = environment("production");

  test("network: VPC and subnets in two zones", () => {
    expect(production.aws.region).toBe("us-east-1");
    expect(production.network).toMatchObject({
      cidr: "10.0.0.0/16",
      publicSubnets: ["10.0.1.0/24", "10.0.2.0/24"],
      privateSubnets: ["10.0.10.0/24", "10.0.11.0/24"],
    });
    expect(production.aws.availabilityZones).toHaveLength(2);
  });

  test("EKS: cluster and both node groups", () => {
    expect(production.cluster.name).toBe("bist-trading-prod");
    expect(production.cluster.nodeGroups.application).toMatchObject({
      instanceTypes: ["m5.xlarge"],
      desiredSize: 3,
      maxSize: 10,
      minSize: 3,
      labels: { NodeType: "application" },
      taints: [{ key: "application", value: "true", effect: "NO_SCHEDULE" }],
    });
    expect(production.cluster.nodeGroups.database).toMatchObject({
      instanceTypes: ["r5.2xlarge"],
      desiredSize: 2,
      maxSize: 4,
      minSize: 2,
      labels: { NodeType: "database" },
    });
  });

  test("RDS PostgreSQL, of which the minor version is AWS's", () => {
    expect(production.database).toMatchObject({
      identifier: "bist-trading-postgres-prod",
      majorVersion: "15",
      instanceClass: "db.r5.2xlarge",
      storageGiB: 500,
      maxStorageGiB: 2000,
      name: "bist_trading",
      port: 5432,
      backupRetentionDays: 7,
      backupWindow: "03:00-04:00",
      maintenanceWindow: "sun:04:00-sun:05:00",
      multiAz: true,
      monitoringIntervalSeconds: 60,
      performanceInsightsRetentionDays: 7,
    });
  });

  test("postgresql.conf", () => {
    expect(production.database.parameters).toEqual({
      sharedBuffersMiB: 8192,
      effectiveCacheSizeMiB: 24_576,
      workMemMiB: 256,
      maintenanceWorkMemMiB: 2048,
      checkpointCompletionTarget: 0.9,
      walBuffersMiB: 64,
      checkpointTimeoutMinutes: 10,
      // The guide's 200 do not hold its own 26 pods twice: ADR 186.
      maxConnections: 600,
      logStatement: "ddl",
      logMinDurationStatementMs: 1000,
      maxWalSenders: 3,
      walKeepSizeMiB: 1024,
    });
  });

  test("ElastiCache Redis", () => {
    expect(production.cache).toMatchObject({
      identifier: "bist-trading-redis-prod",
      nodeType: "cache.r6g.xlarge",
      port: 6379,
      nodes: 3,
      snapshotRetentionDays: 5,
      snapshotWindow: "03:00-05:00",
      maintenanceWindow: "sun:05:00-sun:07:00",
    });
    expect(production.cache.engineVersion).toMatch(/^7\./);
  });

  test("host names", () => {
    expect(production.edge.hosts).toEqual({
      api: "api.bist-trading.com",
      userManagement: "user-api.bist-trading.com",
      marketData: "market.bist-trading.com",
      brokerIntegration: "trading.bist-trading.com",
      monitor: "monitor.bist-trading.com",
    });
  });

  test("load balancer, web ACL and dumps", () => {
    expect(production.edge.idleTimeoutSeconds).toBe(600);
    expect(production.edge.webAcl.requestsPerFiveMinutes).toBe(2000);
    expect(production.backups.dumpRetentionDays).toBe(30);
  });
});
