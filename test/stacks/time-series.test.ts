import { Release } from "@cdktf/provider-helm/lib/release";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { TerraformResource } from "cdktf";
import { environment } from "../../config";
import { environmentStacks } from "../../stacks/environment-stacks";
import { enforcePolicy } from "../../policy/enforce";
import { problemsOf } from "../support/kubernetes-object";
import { annotations, resources, synthesize, testApp } from "../support/template";
import type { Block } from "../support/template";
import { withTimescaledb } from "../support/time-series";

function stacksOf(settings: ReturnType<typeof environment>) {
  const app = testApp();
  const stacks = environmentStacks(app, settings);
  enforcePolicy(app);
  return stacks;
}

const inDatabase = stacksOf(environment("production"));
const apart = stacksOf(withTimescaledb());
type StackName = keyof typeof apart;

/** Resources of a stack by their type and the path of their construct. */
function addresses(stacks: typeof apart, name: StackName): readonly string[] {
  return stacks[name].node.findAll().flatMap((node) => {
    if (!(node instanceof TerraformResource)) return [];
    return [`${node.terraformResourceType} ${node.node.path.replace(/^[^/]+\//, "")}`];
  });
}

/** What a stack has with the time series apart, and not without. */
function added(name: StackName): readonly string[] {
  const before = new Set(addresses(inDatabase, name));
  return addresses(apart, name).filter((address) => !before.has(address));
}

describe("production with its time series in a TimescaleDB of their own", () => {
  test.each(Object.keys(apart) as StackName[])("keeps all of %s that it has without", (name) => {
    expect(addresses(apart, name)).toEqual(expect.arrayContaining([...addresses(inDatabase, name)]));
  });

  test.each(Object.keys(apart) as StackName[])("breaks no rule of the policy in %s", (name) => {
    expect(annotations(apart[name])).toEqual([]);
  });

  test("has Kubernetes objects that Kubernetes takes", () => {
    const problems = Object.values(apart).flatMap((stack) =>
      Object.entries(synthesize(stack).resource ?? {})
        .filter(([type]) => type.startsWith("kubernetes_"))
        .flatMap(([type, blocks]) => Object.values(blocks).flatMap((block) => problemsOf(type, block))),
    );
    expect(problems).toEqual([]);
  });

  test("adds rights on the backups, an owner's password, the server, its jobs and its policy", () => {
    expect(added("cluster")).toEqual([
      "aws_iam_role WorkloadRoles/TimeSeries/Resource",
      "aws_iam_role_policy WorkloadRoles/TimeSeries/Policy",
      "aws_eks_pod_identity_association WorkloadRoles/TimeSeries/Association",
    ]);
    expect(added("data")).toEqual([
      "aws_secretsmanager_secret Secrets/TimeSeriesOwner/Resource",
      "aws_secretsmanager_secret_version Secrets/TimeSeriesOwner/Value",
    ]);
    expect([...added("trading")].sort()).toEqual([
      "helm_release TimeSeries/Objects/Resource",
      "kubernetes_cron_job_v1 TimeSeriesJobs/Maintenance/Resource",
      "kubernetes_job_v1 TimeSeriesJobs/Bootstrap/Resource",
      "kubernetes_network_policy_v1 NetworkPolicies/TimeSeries",
      "kubernetes_role_binding_v1 TimeSeries/ObjectStoreRoleBinding",
      "kubernetes_role_v1 TimeSeries/ObjectStoreRole",
      "kubernetes_service_account_v1 TimeSeries/ServiceAccount",
      "kubernetes_service_v1 TimeSeries/Service",
    ]);
    for (const name of ["network", "delivery", "edge"] as const) expect(added(name)).toEqual([]);
  });

  test("compares every custom object with its definition", () => {
    const values = resources(apart.trading, Release).flatMap(({ values: texts }) => texts as string[]);
    const kinds = values.flatMap((text) => [...text.matchAll(/"kind":"(\w+)"/g)].map(([, kind]) => kind));
    expect(kinds).toEqual(expect.arrayContaining(["Cluster", "ImageCatalog", "ObjectStore", "ScheduledBackup"]));
  });

  test("tells market-data alone by whom the server's certificate is signed", () => {
    const pods = Object.fromEntries(
      (resources(apart.trading, DeploymentV1) as unknown as Deployment[]).map(({ metadata, spec }) => [
        metadata.name,
        spec.template.spec.volume.map(({ name }) => name),
      ]),
    );
    for (const [name, volumes] of Object.entries(pods)) {
      expect([name, volumes.includes("time-series-authority")]).toEqual([name, name.startsWith("market-data")]);
    }
  });

  test("names the server in every pod's settings, beside the database on RDS", () => {
    const [settings] = resources(apart.trading, ConfigMapV1).filter(
      ({ metadata }) => (metadata as { name: string }).name === "app-config",
    );
    expect(settings?.["data"]).toMatchObject({
      DB_HOST: expect.stringContaining("database_host") as string,
      TIME_SERIES_DB_HOST: expect.stringMatching(/^time-series\..+\.svc$/) as string,
      TIME_SERIES_DB_PORT: "5432",
      TIME_SERIES_DB_NAME: "bist_trading",
      TIME_SERIES_DB_USERNAME: "bist_services",
      TIME_SERIES_DB_SSL_MODE: "verify-full",
      TIME_SERIES_DB_SSL_AUTHORITIES_FILE: "/run/secrets/time-series/ca.crt",
      TIME_SERIES_DB_POOL_MAX: "5",
    });
  });
});

interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly spec: { readonly volume: readonly (Block & { name: string })[] } } };
}
