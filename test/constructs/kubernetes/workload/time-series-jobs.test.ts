import { CronJobV1 } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { JobV1 } from "@cdktf/provider-kubernetes/lib/job-v1";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { databaseCommandSections } from "../../../../app/database/config";
import { readConfig } from "../../../../app/packages/kit/config/read";
import { TimeSeriesJobs } from "../../../../constructs/kubernetes/workload/time-series-jobs";
import { only, resources, testStack } from "../../../support/template";
import type { Block } from "../../../support/template";

function declare(apart = true) {
  const stack = testStack();
  const ready = new NamespaceV1(stack, "Ready", { metadata: { name: "ready" } });
  const server = {
    host: "time-series.trading.svc",
    port: 5432,
    name: "bist_trading",
    owner: "bist_admin",
    authoritySecret: "time-series-ca",
    ready,
  };
  const jobs = new TimeSeriesJobs(stack, "Jobs", {
    namespace: "trading",
    pod: {
      serviceAccount: "app",
      configMap: "app-config",
      nodeSelector: {},
      tolerations: [],
      scratch: { tmp: "/tmp" },
    },
    server: apart ? server : undefined,
    secrets: () => ({ secretName: "time-series-jobs-1", variables: ["DB_PASSWORD", "DB_OWNER_PASSWORD"] }),
    image: "registry.example.com/app:1",
    maintenanceSchedule: "30 23 * * *",
    reach: "--kubeconfig kubeconfig --context local",
    after: [],
  });
  return { stack, jobs };
}

interface Pod {
  readonly container: readonly [
    Block & { args: string[]; env: { name: string; value: string }[]; volume_mount: Block[] },
  ];
  readonly volume: readonly Block[];
}

const podOf = (template: unknown) => (template as { spec: Pod }).spec;
const bootstrap = () => only(declare().stack, JobV1) as Block & { spec: Block & { template: unknown } };

describe("TimeSeriesJobs", () => {
  test("are none where the time series are in the database on RDS", () => {
    const { stack, jobs } = declare(false);
    expect(jobs.bootstrapped).toEqual([]);
    expect([...resources(stack, JobV1), ...resources(stack, CronJobV1)]).toEqual([]);
  });

  test("run the database's own commands, and dump nothing", () => {
    const { stack } = declare();
    const [maintenance, ...more] = resources(stack, CronJobV1) as unknown as {
      metadata: { name: string };
      spec: { schedule: string; job_template: { spec: { template: unknown } } };
    }[];
    expect(more).toEqual([]);
    expect(maintenance).toMatchObject({
      metadata: { name: "time-series-maintenance" },
      spec: { schedule: "30 23 * * *" },
    });
    expect(podOf(maintenance?.spec.job_template.spec.template).container[0].args).toEqual(["maintain-database.js"]);
    expect(podOf(bootstrap().spec.template).container[0].args).toEqual(["bootstrap-database.js"]);
    expect(JSON.stringify(stack.toTerraform())).not.toContain("dump-database");
  });

  test("go to the server of the time series, as its owner, by the authority that signs for it", () => {
    const pod = podOf(bootstrap().spec.template);
    const settings = Object.fromEntries(pod.container[0].env.map(({ name, value }) => [name, value]));
    expect(settings).toMatchObject({
      DB_HOST: "time-series.trading.svc",
      DB_PORT: "5432",
      DB_NAME: "bist_trading",
      DB_USERNAME: "bist_services",
      DB_SSL_MODE: "verify-full",
      DB_OWNER_USERNAME: "bist_admin",
      DB_SSL_AUTHORITIES_FILE: "/run/secrets/time-series/ca.crt",
    });
    expect(pod.container[0].volume_mount).toContainEqual({
      name: "time-series-authority",
      mount_path: "/run/secrets/time-series",
      read_only: true,
    });
    // The authority's key is in the same Secret.
    expect(pod.volume).toContainEqual({
      name: "time-series-authority",
      secret: {
        secret_name: "time-series-ca",
        default_mode: "0440",
        items: [{ key: "ca.crt", path: "ca.crt" }],
      },
    });
  });

  test("replace RDS's authorities, which every pod's settings have, instead of being refused for two of them", () => {
    const settings = Object.fromEntries(
      podOf(bootstrap().spec.template).container[0].env.map(({ name, value }) => [name, value]),
    );
    const pod = { DB_SSL_AUTHORITIES: "RDS", ...settings, DB_SSL_AUTHORITIES_FILE: __filename };
    const files = { DB_PASSWORD_FILE: __filename, DB_OWNER_PASSWORD_FILE: __filename };
    const { database } = readConfig(databaseCommandSections, { ...pod, ...files });
    expect(JSON.stringify(database)).not.toContain('RDS"');
  });

  test("wait for the server's objects, and are patient until it takes connections", () => {
    const { stack } = declare();
    const job = only(stack, JobV1);
    expect(job["depends_on"]).toContain("kubernetes_namespace_v1.Ready");
    expect(job).toMatchObject({ spec: { backoff_limit: 6, active_deadline_seconds: 1230 } });
  });
});
