import { CronJobV1 } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { JobV1 } from "@cdktf/provider-kubernetes/lib/job-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { DatabaseJobs } from "../../../../constructs/kubernetes/workload/database-jobs";
import { only, resources, synthesize, testStack } from "../../../support/template";
import type { Block } from "../../../support/template";

function declare(
  image = "registry.example.com/app@sha256:0",
  secretName = "database-jobs-1",
  maintenanceSchedule = "30 23 * * *",
) {
  const stack = testStack();
  new DatabaseJobs(stack, "DatabaseJobs", {
    namespace: "trading",
    pod: {
      serviceAccount: "bist-trading-sa",
      configMap: "app-config",
      secrets: { secretName, variables: ["DB_PASSWORD", "DB_OWNER_PASSWORD"] },
      nodeSelector: { NodeType: "application" },
      tolerations: [],
      scratch: { tmp: "/tmp" },
    },
    image,
    maintenanceSchedule,
    dumpSchedule: "30 0 * * *",
    dumpRetentionDays: 30,
    backupBucket: "dumps",
    region: "us-east-1",
    reach: "--kubeconfig .local/kubeconfig --context local",
    after: [],
  });
  return stack;
}

interface Pod {
  readonly service_account_name: string;
  readonly restart_policy: string;
  readonly container: readonly [Block];
}

function cronJob(name: string) {
  const found = resources(declare(), CronJobV1) as unknown as {
    metadata: { name: string };
    spec: Block & { job_template: { spec: Block & { template: { spec: Pod } } } };
  }[];
  const job = found.find(({ metadata }) => metadata.name === name);
  if (job === undefined) throw new Error(`no CronJob ${name}`);
  return { ...job.spec, pod: job.spec.job_template.spec.template.spec };
}

describe("DatabaseJobs", () => {
  test("bootstrap once for an image and its secrets, and once more when either is another one", () => {
    const parameters = (stack: ReturnType<typeof declare>) =>
      Object.values((synthesize(stack) as { locals?: Record<string, string> }).locals ?? {});
    expect(parameters(declare())).toEqual(["registry.example.com/app@sha256:0 bootstrap-database.js database-jobs-1"]);
    const { metadata } = only(declare(), JobV1) as { metadata: { name: string } };
    expect(metadata.name).toMatch(/^database-bootstrap-\$\{substr\(sha256\(local\.\w+\), 0, 10\)\}$/);
    expect(parameters(declare("registry.example.com/app@sha256:1"))).not.toEqual(parameters(declare()));
    expect(parameters(declare(undefined, "database-jobs-2"))).not.toEqual(parameters(declare()));
  });

  test("are waited for with their log at hand, and give up before Kubernetes takes the log away", () => {
    const job = only(declare(), JobV1) as Block & { spec: Block & { template: { spec: Pod } } };
    expect(job).toMatchObject({
      wait_for_completion: false,
      spec: { backoff_limit: 2, active_deadline_seconds: 930, template: { spec: { restart_policy: "Never" } } },
      provisioner: [
        {
          "local-exec": {
            working_dir: "../../..",
            command: expect.stringMatching(
              /^npm run --silent await-job -- --namespace trading --job database-bootstrap-\S.* --seconds 900 --kubeconfig .local\/kubeconfig --context local$/,
            ) as string,
          },
        },
      ],
    });
    expect(job.spec.template.spec.container[0]).toMatchObject({ termination_message_policy: "FallbackToLogsOnError" });
  });

  test("maintain and dump on schedule, one run at a time, by the clock of UTC", () => {
    for (const [name, schedule, command] of [
      ["database-maintenance", "30 23 * * *", "maintain-database.js"],
      ["database-backup", "30 0 * * *", "dump-database.js"],
    ] as const) {
      expect(cronJob(name)).toMatchObject({ schedule, timezone: "Etc/UTC", concurrency_policy: "Forbid" });
      expect(cronJob(name).pod.container[0]).toMatchObject({ args: [command] });
    }
  });

  test.each([
    ["0 2 * * *", /^.*: the dump at "30 0 \* \* \*" may take six hours, and maintenance begins at "0 2 \* \* \*"$/],
    ["0 2 * * sun", /maintenance begins at "0 2 \* \* sun"$/],
    ["0 0 * * *", /^.*: maintenance at "0 0 \* \* \*" may take an hour, and the dump begins at "30 0 \* \* \*"$/],
  ])("never overlap by their schedules: maintenance at %s is refused", (schedule, problem) => {
    expect(() => declare(undefined, undefined, schedule)).toThrow(problem);
  });

  test("upload as the one account that may, to the bucket that removes dumps by itself", () => {
    const { pod } = cronJob("database-backup");
    expect(pod.container[0]["env"]).toEqual(
      expect.arrayContaining([
        { name: "DB_OWNER_PASSWORD_FILE", value: "/run/secrets/app/DB_OWNER_PASSWORD" },
        { name: "BACKUP_BUCKET", value: "dumps" },
        { name: "BACKUP_RETENTION_DAYS", value: "30" },
      ]),
    );
    expect(only(declare(), ServiceAccountV1)).toMatchObject({
      metadata: { name: "database-backup", namespace: "trading" },
      automount_service_account_token: false,
    });
    expect(pod.service_account_name).toMatch(/kubernetes_service_account_v1\.DatabaseJobs_BackupAccount/);
    expect(cronJob("database-maintenance").pod.service_account_name).toBe("bist-trading-sa");
  });
});
