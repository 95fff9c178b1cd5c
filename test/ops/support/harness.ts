import { Writable } from "node:stream";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { ElasticLoadBalancingV2Client, RegisterTargetsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { unreleased } from "../../../config/schema/release-state";
import type { Colour } from "../../../config/schema/release-state";
import { backupBucketName, stateBucketName } from "../../../config/names";
import { findKubectl, Kubectl } from "../../../local/kubernetes/kubectl";
import { projectRoot } from "../../../lib/paths";
import { clientOptions } from "../../../ops/aws/clients";
import { commands } from "../../../ops/commands";
import type { Records } from "../../../ops/core/records";
import { recordsOf } from "../../../ops/aws/s3-records";
import { platformOf } from "../../../ops/platform";
import type { Platform } from "../../../ops/platform";
import { run } from "../../../ops/program";
import type { DatabaseJobs } from "../../../ops/recovery/database-jobs";
import { ProcessJobs } from "../../../ops/recovery/process-jobs";
import { join } from "node:path";
import { TestClock } from "./clock";
import { databaseOfTests } from "./database";
import { LedgerJobs } from "./ledger-jobs";
import { localEnvironment, openTestEnvironment } from "./test-environment";
import { MOST_PODS, resetWorkloads, workloads } from "./workloads";

export interface CommandResult {
  readonly code: number;
  /** The answer that `--json` gives. */
  readonly answer: { readonly outcome: string; readonly reason?: string; readonly answer?: unknown };
  /** Progress and errors. */
  readonly stderr: string;
}

/** The test environment as one test uses it: commands are run in this process, by a clock of the test's own. */
export class Harness {
  readonly environment = localEnvironment();
  readonly clock: TestClock;
  readonly records = recordsOf(this.environment);
  readonly platform: Platform;
  readonly kubectl: Kubectl;
  private readonly options = clientOptions(this.environment);

  /**
   * @param application address of what the smoke test visits
   * @param time at which the clock of the test begins
   */
  constructor(application: string, time = Date.now()) {
    this.clock = new TestClock(time);
    const { folder } = openTestEnvironment();
    // Here the test itself is what the load balancer would forward to.
    this.platform = {
      ...platformOf(this.environment, { root: folder, visited: () => application }),
      databaseJobs: this.databaseJobs(),
      forwards: true,
    };
    const { kubernetes } = this.environment;
    if (kubernetes.access !== "kubeconfig") throw new Error("local has its own cluster");
    this.kubectl = new Kubectl(findKubectl(), join(folder, kubernetes.file), kubernetes.context);
  }

  /** Nothing released, nothing on record, blue's pods up, and healthy targets in every group. */
  async reset(flaws: Parameters<typeof workloads>[2] = {}): Promise<void> {
    await this.forgetRecords();
    await this.platform.release.write(unreleased);
    await this.platform.loadBalancer.setWeights(unreleased.weights);
    await this.platform.loadBalancer.reopenToTraders();
    resetWorkloads(this.kubectl, this.namespace, workloads(this.namespace, await this.image("first"), flaws));
    await this.registerTargets();
  }

  /** A server's commands, or the file that OPS_TEST_LEDGER names in its place. */
  private databaseJobs(): DatabaseJobs {
    const ledger = process.env["OPS_TEST_LEDGER"];
    if (ledger === undefined) return new ProcessJobs(projectRoot, databaseOfTests);
    const { aws, prefix } = this.environment;
    return new LedgerJobs(
      ledger,
      new S3Client({ ...this.options, forcePathStyle: true }),
      backupBucketName(prefix, aws),
    );
  }

  get namespace(): string {
    return this.environment.trading.namespace;
  }

  /** Runs a command line of the tool on `local`. */
  async ops(
    line: string,
    { platform, records }: { platform?: Partial<Platform>; records?: Records } = {},
  ): Promise<CommandResult> {
    let out = "";
    let stderr = "";
    const code = await run([...line.split(" "), "--env", "local", "--json"], {
      commands,
      clock: this.clock,
      root: projectRoot,
      stdout: collector((text) => (out += text)),
      stderr: collector((text) => (stderr += text)),
      prepare: () => ({ platform: { ...this.platform, ...platform }, records: records ?? this.records }),
    });
    const answer = out === "" ? { outcome: "usage" } : (JSON.parse(out) as CommandResult["answer"]);
    return { code, answer, stderr };
  }

  /** Pushes an image, and returns its reference by digest. The same name is the same image. */
  async image(name: string): Promise<string> {
    const { accountId, region } = this.environment.aws;
    const repositoryName = this.environment.delivery.image.repository;
    const imageManifest = JSON.stringify({ schemaVersion: 2, config: {}, layers: [], annotations: { name } });
    const { image } = await new ECRClient(this.options).send(
      new PutImageCommand({ repositoryName, imageManifest, imageTag: name }),
    );
    return `${accountId}.dkr.ecr.${region}.amazonaws.com/${repositoryName}@${image?.imageId?.imageDigest ?? ""}`;
  }

  /** Reports figures of a colour's first service to CloudWatch, at the test's own time. */
  async report(colour: Colour, { requests, errors }: { readonly requests: number; readonly errors: number }) {
    const [group] = await this.platform.targetGroups.of(colour);
    const arn = group?.arn ?? "";
    const Dimensions = [
      { Name: "LoadBalancer", Value: await this.platform.loadBalancer.dimension() },
      { Name: "TargetGroup", Value: arn.slice(arn.indexOf("targetgroup/")) },
    ];
    const Timestamp = this.clock.now();
    const datum = (MetricName: string, Value: number) => ({ MetricName, Value, Dimensions, Timestamp });
    await new CloudWatchClient(this.options).send(
      new PutMetricDataCommand({
        Namespace: "AWS/ApplicationELB",
        MetricData: [datum("RequestCount", requests), datum("HTTPCode_Target_5XX_Count", errors)],
      }),
    );
  }

  /** Pods that each Deployment wants, and its image, as the API server has them. */
  pods(): Readonly<Record<string, { readonly wanted: number; readonly image: string }>> {
    const found = this.kubectl.list("deployments", [`--namespace=${this.namespace}`]) as unknown as Deployment[];
    return Object.fromEntries(
      found.map(({ metadata, spec }) => [
        metadata.name,
        { wanted: spec.replicas, image: spec.template.spec.containers[0]?.image ?? "" },
      ]),
    );
  }

  /** When each Deployment's pods were last replaced, by the stamp that says so. */
  restarts(): Readonly<Record<string, string | undefined>> {
    const found = this.kubectl.list("deployments", [`--namespace=${this.namespace}`]) as unknown as Deployment[];
    return Object.fromEntries(
      found.map(({ metadata, spec }) => {
        const { annotations } = spec.template.metadata;
        return [metadata.name, annotations?.["kubectl.kubernetes.io/restartedAt"]];
      }),
    );
  }

  private async registerTargets(): Promise<void> {
    const client = new ElasticLoadBalancingV2Client(this.options);
    for (const colour of ["blue", "green"] as const) {
      for (const { arn } of await this.platform.targetGroups.of(colour)) {
        const Targets = Array.from({ length: MOST_PODS }, (_, index) => ({ Id: `10.0.10.${index + 10}` }));
        await client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets }));
      }
    }
  }

  async forgetRecords(): Promise<void> {
    const s3 = new S3Client({ ...this.options, forcePathStyle: true });
    const Bucket = stateBucketName(this.environment);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "operations/" }));
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }
}

interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
}

function collector(take: (text: string) => void): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      take(chunk.toString());
      done();
    },
  });
}
