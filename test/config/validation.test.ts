import { environment, environmentNames, selectEnvironments } from "../../config";
import { production } from "../../config/production";
import { changed, problems } from "../support/mistakes";

/** What an operator reads for each single mistake. */
const mistakes: readonly (readonly [path: string, value: unknown, problem: string])[] = [
  // Addresses
  [
    "network.cidr",
    "10.0.0.0/33",
    `production.network.cidr "10.0.0.0/33" is out of range; octets go to 255 and prefixes to /32`,
  ],
  [
    "network.publicSubnets.1",
    "10.0.1.128/25",
    `production.network.publicSubnets.1 "10.0.1.128/25" overlaps publicSubnets.0 "10.0.1.0/24"; give each subnet a range of its own`,
  ],
  [
    "network.databaseSubnets.0",
    "10.0.10.0/24",
    `production.network.databaseSubnets.0 "10.0.10.0/24" overlaps privateSubnets.0 "10.0.10.0/24"; give each subnet a range of its own`,
  ],
  [
    "network.privateSubnets.0",
    "10.1.10.0/24",
    `production.network.privateSubnets.0 "10.1.10.0/24" lies outside the VPC; use a part of 10.0.0.0/16`,
  ],
  [
    "network.privateSubnets.0",
    "10.0.10.7/24",
    `production.network.privateSubnets.0 "10.0.10.7/24" is an address inside a network; use the network, 10.0.10.0/24`,
  ],
  [
    "network.privateSubnets.0",
    "10.0.10.0",
    `production.network.privateSubnets.0 "10.0.10.0" is not a network; use CIDR notation, for example 10.0.1.0/24`,
  ],
  [
    "network.privateSubnets.0",
    "10.0.10.0/30",
    `production.network.privateSubnets.0 "10.0.10.0/30" is not of a size that a VPC takes; use a prefix from /16 to /28`,
  ],
  [
    "network.privateSubnets",
    ["10.0.10.0/24"],
    "production.network.privateSubnets has 1 subnets for 2 availability zones; give one a zone",
  ],
  [
    "operators.cidrs.0",
    "anywhere",
    `production.operators.cidrs.0 "anywhere" is not a network; use CIDR notation, for example 10.0.1.0/24`,
  ],
  [
    "cluster.serviceCidr",
    "10.0.0.0/12",
    `production.cluster.serviceCidr "10.0.0.0/12" overlaps the VPC 10.0.0.0/16; give Kubernetes Services a range of their own`,
  ],
  [
    "cluster.serviceCidr",
    "8.8.0.0/16",
    `production.cluster.serviceCidr "8.8.0.0/16" is not a range that EKS takes; use /12 to /24 within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16`,
  ],
  // Zones
  [
    "aws.availabilityZones.1",
    "eu-west-1b",
    `production.aws.availabilityZones.1 "eu-west-1b" is not in the region us-east-1; use for example us-east-1a`,
  ],
  ["aws.availabilityZones.1", "us-east-1a", "production.aws.availabilityZones names a zone twice; use distinct zones"],
  ["aws.accountId", "1234", `production.aws.accountId "1234" is not a 12-digit account id`],
  // Versions
  [
    "cluster.kubernetesVersion",
    "1.28",
    `production.cluster.kubernetesVersion "1.28" is retired or unknown to EKS standard support; use one of 1.35, 1.36`,
  ],
  [
    "database.majorVersion",
    "15.4",
    `production.database.majorVersion "15.4" names a minor version; use "15", AWS picks a minor that can still be created`,
  ],
  [
    "database.majorVersion",
    "11",
    `production.database.majorVersion "11" cannot be created on RDS; use one of 15, 16, 17, 18`,
  ],
  // Sizes
  [
    "cluster.nodeGroups.application.desiredSize",
    2,
    "production.cluster.nodeGroups.application.desiredSize 2 is not between minSize 3 and maxSize 10; use min <= desired <= max",
  ],
  [
    "cluster.nodeGroups.application.maxSize",
    2,
    "production.cluster.nodeGroups.application.desiredSize 3 is not between minSize 3 and maxSize 2; use min <= desired <= max",
  ],
  [
    "cluster.nodeGroups.system.taints",
    [{ key: "a", value: "b", effect: "NO_SCHEDULE" }],
    "production.cluster.nodeGroups.system.taints keeps CoreDNS and the controllers away; leave the system group untainted",
  ],
  [
    "cluster.nodeGroups.database.instanceTypes",
    ["r5.2xlarge", "r7g.2xlarge"],
    "production.cluster.nodeGroups.database.instanceTypes mixes x86 and Graviton in r5.2xlarge, r7g.2xlarge; a node group runs one machine image",
  ],
  [
    "database.maxStorageGiB",
    500,
    "production.database.maxStorageGiB 500 leaves no room to grow; use more than storageGiB 500",
  ],
  ["database.port", 70_000, "production.database.port 70000 is too big; use at most 65535"],
  ["cache.nodes", 1, "production.cache.nodes 1 is too small; use at least 2"],
  [
    "network.flowLogRetentionDays",
    42,
    "production.network.flowLogRetentionDays 42 is not one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
  ],
  // Windows
  [
    "database.backupWindow",
    "25:00-26:00",
    `production.database.backupWindow "25:00-26:00" is not a window; use hh:mm-hh:mm in UTC`,
  ],
  [
    "database.backupWindow",
    "03:00-03:10",
    `production.database.backupWindow "03:00-03:10" lasts 10 minutes; use at least 30`,
  ],
  [
    "database.backupWindow",
    "04:30-05:30",
    `production.database.maintenanceWindow "sun:04:00-sun:05:00" overlaps backupWindow "04:30-05:30"; move one of them`,
  ],
  [
    "database.maintenanceWindow",
    "Sun:04:00-Sun:05:00",
    `production.database.maintenanceWindow "Sun:04:00-Sun:05:00" is not a window; use ddd:hh:mm-ddd:hh:mm in UTC, for example sun:04:00-sun:05:00`,
  ],
  [
    "database.maintenanceWindow",
    "sun:04:00-tue:04:00",
    `production.database.maintenanceWindow "sun:04:00-tue:04:00" lasts 2880 minutes; use at most 1440`,
  ],
  [
    "cache.maintenanceWindow",
    "tue:04:00-tue:06:00",
    `production.cache.maintenanceWindow "tue:04:00-tue:06:00" overlaps snapshotWindow "03:00-05:00"; move one of them`,
  ],
  // Host names
  [
    "edge.hosts.marketData",
    "trading.bist-trading.com",
    `production.edge.hosts.brokerIntegration "trading.bist-trading.com" is the host of marketData already; give each service its own`,
  ],
  [
    "edge.hosts.monitor",
    "monitor.example.com",
    `production.edge.hosts.monitor "monitor.example.com" is foreign to the domain bist-trading.com; use a name that ends in .bist-trading.com`,
  ],
  [
    "edge.hosts.monitor",
    "monitor.notbist-trading.com",
    `production.edge.hosts.monitor "monitor.notbist-trading.com" is foreign to the domain bist-trading.com; use a name that ends in .bist-trading.com`,
  ],
  [
    "edge.hosts.api",
    "API.bist-trading.com.",
    `production.edge.hosts.api "API.bist-trading.com." is not a host name; use lower-case labels and a domain, for example api.bist-trading.com`,
  ],
  // Shape
  ["database.sizeGiB", 500, `production.database has the unknown key "sizeGiB"; check the spelling`],
  ["database.port", undefined, "production.database.port is missing; use a value of type number"],
  ["database.port", "5432", `production.database.port "5432" is not of type number`],
  ["cluster", undefined, "production.cluster is missing; use a value of type object"],
  ["network.natGateways", "two", `production.network.natGateways "two" is not one of "per-zone", "single", "none"`],
  ["state.kind", "consul", `production.state.kind "consul" is not one of s3, local`],
  ["protectData", false, "production.protectData false is neither true nor { reason }; say why the data is disposable"],
  [
    "protectData",
    { reason: "test" },
    `production.protectData.reason "test" is too short a reason; say in a sentence why, it appears in the synthesized output`,
  ],
  [
    "aws.emulator",
    "http://192.0.2.1:4566",
    `production.aws.emulator "http://192.0.2.1:4566" is not an address on this machine, for example http://127.0.0.1:4566`,
  ],
  ["operators.alarmEmails.0", "operations", `production.operators.alarmEmails.0 "operations" is not an email address`],
  ["name", "prod", `production.name "prod" is not its name; use "production"`],
];

describe("an environment's configuration", () => {
  test.each(environmentNames)("%s is right", (name) => {
    expect(environment(name)).toMatchObject({ name });
  });

  test.each(mistakes)("reports %s as %j", (path, value, problem) => {
    expect(problems(changed([path, value]))).toEqual([problem]);
  });

  test("needs a second zone for a database that survives the loss of one", () => {
    const tiers = ["publicSubnets", "privateSubnets", "databaseSubnets"] as const;
    const oneZone = changed(
      ["aws.availabilityZones", ["us-east-1a"]],
      ...tiers.map((tier) => [`network.${tier}`, production.network[tier].slice(0, 1)] as const),
    );
    expect(problems(oneZone)).toEqual([
      "production.aws.availabilityZones is one zone; database.multiAz needs at least two",
    ]);
  });

  test("reports ten mistakes at once, of fields and between fields, in one part and in many", () => {
    const ten = mistakes.filter(([path, value]) =>
      [
        "network.cidr|10.0.0.0/33",
        "network.publicSubnets.1|10.0.1.128/25",
        "network.databaseSubnets.0|10.0.10.0/24",
        "cluster.kubernetesVersion|1.28",
        "cluster.nodeGroups.application.desiredSize|2",
        "database.majorVersion|11",
        "database.backupWindow|04:30-05:30",
        "database.sizeGiB|500",
        "cache.nodes|1",
        "edge.hosts.monitor|monitor.example.com",
      ].includes(`${path}|${String(value)}`),
    );
    expect(ten).toHaveLength(10);
    expect([...problems(changed(...ten.map(([path, value]) => [path, value] as const)))].sort()).toEqual(
      ten.map(([, , problem]) => problem).sort(),
    );
  });

  test("is refused whatever is put in a value's place, never crashed on", () => {
    for (const [part, value] of Object.entries(production)) {
      const keys = typeof value === "object" ? Object.keys(value).map((key) => `${part}.${key}`) : [];
      for (const path of [part, ...keys]) {
        for (const wrong of [null, [null], {}, Number.NaN]) {
          expect([path, wrong, problems(changed([path, wrong]))]).not.toEqual([path, wrong, []]);
        }
      }
    }
  });
});

describe("the selection of environments", () => {
  test("is all of them, unless a list names some", () => {
    expect(selectEnvironments(undefined).map(({ name }) => name)).toEqual(["production", "staging", "local"]);
    expect(selectEnvironments(" local, staging,local").map(({ name }) => name)).toEqual(["local", "staging"]);
  });

  test.each(["prod", "", "toString", "local,"])("refuses %j rather than deploy something else", (names) => {
    expect(() => selectEnvironments(names)).toThrow(/is not an environment; use one of production, staging, local/);
  });

  test("reports what is wrong with several names together", () => {
    expect(() => selectEnvironments("one,local,two")).toThrow(
      'The configuration has 2 problems:\n  "one" is not an environment; use one of production, staging, local\n' +
        '  "two" is not an environment; use one of production, staging, local',
    );
  });
});
