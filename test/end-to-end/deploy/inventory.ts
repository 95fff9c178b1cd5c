import { signedFor } from "../../support/emulator";

/** What an emulator holds of the platform, asked of its services by plain HTTP: neither Terraform nor its states are believed. */

interface Probe {
  /** What is listed. */
  readonly kind: string;
  /** The service's name in the signature, by which the emulator tells requests apart. */
  readonly service: string;
  readonly path?: string;
  /** Form of a query-protocol request. */
  readonly form?: Readonly<Record<string, string>>;
  /** Operation of a JSON-protocol request. */
  readonly target?: string;
}

/** Kinds of the network's resources that show their tags. */
const ec2 = ["Vpcs", "Subnets", "SecurityGroups", "VpcEndpoints", "FlowLogs", "Addresses", "LaunchTemplates"];

const probes: readonly Probe[] = [
  ...ec2.map((kind) => ({ kind, service: "ec2", form: { Action: `Describe${kind}`, Version: "2016-11-15" } })),
  { kind: "databases", service: "rds", form: { Action: "DescribeDBInstances", Version: "2014-10-31" } },
  { kind: "caches", service: "elasticache", form: { Action: "DescribeReplicationGroups", Version: "2015-02-02" } },
  {
    kind: "load balancers",
    service: "elasticloadbalancing",
    form: { Action: "DescribeLoadBalancers", Version: "2015-12-01" },
  },
  {
    kind: "target groups",
    service: "elasticloadbalancing",
    form: { Action: "DescribeTargetGroups", Version: "2015-12-01" },
  },
  { kind: "roles", service: "iam", form: { Action: "ListRoles", Version: "2010-05-08" } },
  { kind: "policies", service: "iam", form: { Action: "ListPolicies", Version: "2010-05-08", Scope: "Local" } },
  { kind: "alarms", service: "monitoring", form: { Action: "DescribeAlarms", Version: "2010-08-01" } },
  { kind: "topics", service: "sns", form: { Action: "ListTopics", Version: "2010-03-31" } },
  { kind: "clusters", service: "eks", path: "/clusters" },
  { kind: "buckets", service: "s3", path: "/" },
  { kind: "zones", service: "route53", path: "/2013-04-01/hostedzone" },
  { kind: "secrets", service: "secretsmanager", target: "secretsmanager.ListSecrets" },
  { kind: "keys", service: "kms", target: "TrentService.ListAliases" },
  { kind: "log groups", service: "logs", target: "Logs_20140328.DescribeLogGroups" },
  { kind: "image repositories", service: "ecr", target: "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories" },
];

/** The names of the platform's that each kind of resource shows. */
export async function inventory(endpoint: string): Promise<ReadonlyMap<string, readonly string[]>> {
  return new Map(await Promise.all(probes.map(async (probe) => [probe.kind, await names(endpoint, probe)] as const)));
}

async function names(endpoint: string, probe: Probe): Promise<readonly string[]> {
  const answer = await fetch(`${endpoint}${probe.path ?? "/"}`, {
    method: probe.path === undefined ? "POST" : "GET",
    headers: {
      authorization: signedFor(probe.service),
      ...(probe.target === undefined
        ? { "content-type": "application/x-www-form-urlencoded" }
        : { "content-type": "application/x-amz-json-1.1", "x-amz-target": probe.target }),
    },
    ...(probe.path === undefined ? { body: probe.target === undefined ? new URLSearchParams(probe.form) : "{}" } : {}),
  });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${probe.kind}: ${answer.status} ${body}`);
  return [...new Set(body.match(/bist-trading[\w./-]*/g))].sort();
}
