import type {
  AppsV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoreV1Api,
  V1Container,
  V1Deployment,
  V1DeploymentStatus,
  V1Job,
  V1JobSpec,
} from "@kubernetes/client-node";
import { messageOf, Unreachable } from "../core/outcome";
import type { Autoscaler, Cluster, JobChange, JobState, Workload } from "./cluster";

/** The parts of the client library that are used. */
export interface Apis {
  readonly apps: AppsV1Api;
  readonly autoscaling: AutoscalingV2Api;
  readonly batch: BatchV1Api;
  readonly core: CoreV1Api;
  /** Option of a request that patches what it names and leaves the rest. */
  readonly merging: Parameters<AppsV1Api["patchNamespacedDeployment"]>[1];
}

const ANSWER_TIMEOUT_MS = 15_000;
const LOG_LINES = 20;

/** Seconds that a finished Job stays to be looked at. */
const KEEP_JOB_SECONDS = 7 * 24 * 3600;

/** The namespace as a Kubernetes API server has it. */
export class ApiCluster implements Cluster {
  constructor(
    private readonly connect: () => Promise<Apis>,
    private readonly namespace: string,
  ) {}

  async workload(name: string): Promise<Workload> {
    const deployment = await this.call(`Deployment ${name}`, ({ apps }) =>
      apps.readNamespacedDeployment(this.at(name)),
    );
    return workloadOf(deployment);
  }

  async change(name: string, { image, replicas }: { readonly image?: string; readonly replicas?: number }) {
    const containers = image === undefined ? undefined : await this.withImage(name, image);
    await this.patch(name, { replicas, template: containers && { spec: { containers } } });
  }

  async restart(name: string, stamp: string): Promise<void> {
    // As kubectl does it: Terraform does not count annotations of Kubernetes itself among its own.
    const annotations = { "kubectl.kubernetes.io/restartedAt": stamp };
    await this.patch(name, { template: { metadata: { annotations } } });
  }

  async autoscaler(name: string): Promise<Autoscaler | undefined> {
    const found = await this.find(({ autoscaling }) =>
      autoscaling.readNamespacedHorizontalPodAutoscaler(this.at(name)),
    );
    if (found?.spec === undefined) return undefined;
    const { minReplicas = 1, maxReplicas } = found.spec;
    return { min: minReplicas, max: maxReplicas, current: found.status?.desiredReplicas ?? 0 };
  }

  async setAutoscalerMinimum(name: string, minReplicas: number): Promise<void> {
    await this.call(`autoscaler ${name}`, ({ autoscaling, merging }) =>
      autoscaling.patchNamespacedHorizontalPodAutoscaler(
        { ...this.at(name), body: { spec: { minReplicas } } },
        merging,
      ),
    );
  }

  async startJob(name: string, like: string, otherwise: JobChange): Promise<void> {
    if ((await this.findJob(name)) === undefined) await this.createJob(name, like, otherwise);
    if (otherwise.secrets !== undefined) await this.createSecretOf(name, otherwise.secrets);
  }

  async job(name: string): Promise<JobState> {
    const job = await this.findJob(name);
    if (job === undefined) throw new Error(`The Job ${name} is gone from ${this.namespace}`);
    const is = (type: string) => job.status?.conditions?.some((one) => one.type === type && one.status === "True");
    if (is("Complete") === true) return { is: "succeeded" };
    return is("Failed") === true ? { is: "failed", log: await this.log(name) } : { is: "running" };
  }

  async secretCopies(reader: string, key: string): Promise<readonly string[]> {
    const { items } = await this.call("Secrets", ({ core }) =>
      core.listNamespacedSecret({ namespace: this.namespace }),
    );
    const made = items.filter(({ metadata }) =>
      metadata?.ownerReferences?.some(({ kind, name }) => kind === "ExternalSecret" && name === reader),
    );
    return made.map(({ data }) => Buffer.from(data?.[key] ?? "", "base64").toString());
  }

  async ask(deployment: string, port: number, path: string): Promise<string | undefined> {
    const { spec } = await this.call(`Deployment ${deployment}`, ({ apps }) =>
      apps.readNamespacedDeployment(this.at(deployment)),
    );
    const labelSelector = Object.entries(spec?.selector.matchLabels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
    const { items } = await this.call("pods", ({ core }) =>
      core.listNamespacedPod({ namespace: this.namespace, labelSelector }),
    );
    const pod = items.find(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
    if (pod?.metadata?.name === undefined) return undefined;
    const name = `https:${pod.metadata.name}:${port}`;
    try {
      return await this.call(`pod ${name}`, ({ core }) =>
        core.connectGetNamespacedPodProxyWithPath({ name, namespace: this.namespace, path: path.replace(/^\//, "") }),
      );
    } catch (error) {
      if (error instanceof Unreachable) throw error;
      return undefined; // The pod's own refusal, or that of whatever is on the way to it.
    }
  }

  async log(job: string): Promise<string> {
    const { items } = await this.call("pods", ({ core }) =>
      core.listNamespacedPod({ namespace: this.namespace, labelSelector: `job-name=${job}` }),
    );
    const name = items.sort((one, other) => bornAt(other) - bornAt(one))[0]?.metadata?.name;
    if (name === undefined) return "no pod was made";
    const log = await this.find(({ core }) =>
      core.readNamespacedPodLog({ name, namespace: this.namespace, tailLines: LOG_LINES }),
    );
    return log ?? "its log is gone";
  }

  private async createJob(name: string, like: string, otherwise: JobChange): Promise<void> {
    const model = await this.modelOf(like);
    if (model === undefined) {
      throw new Error(`There is no Job ${like} in ${this.namespace} to take after: deploy the stack "trading" first`);
    }
    const { backoffLimit, activeDeadlineSeconds, template } = structuredClone(model);
    for (const container of template.spec?.containers ?? []) changeContainer(container, name, otherwise);
    const labels = withoutOwner(template.metadata?.labels);
    const body = {
      metadata: { name, namespace: this.namespace, labels },
      spec: {
        backoffLimit,
        activeDeadlineSeconds,
        ttlSecondsAfterFinished: KEEP_JOB_SECONDS,
        template: { metadata: { labels }, spec: template.spec },
      },
    };
    await this.call(`Job ${name}`, ({ batch }) =>
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the library's models are plain data: it builds them as literals itself
      batch.createNamespacedJob({ namespace: this.namespace, body }),
    );
  }

  private async modelOf(like: string): Promise<V1JobSpec | undefined> {
    const scheduled = await this.find(({ batch }) => batch.readNamespacedCronJob(this.at(like)));
    if (scheduled?.spec.jobTemplate.spec !== undefined) return scheduled.spec.jobTemplate.spec;
    const { items } = await this.call("Jobs", ({ batch }) => batch.listNamespacedJob({ namespace: this.namespace }));
    const alike = items.filter((job) => job.spec?.template.metadata?.labels?.["app"] === like);
    return alike.sort((one, other) => bornAt(other) - bornAt(one))[0]?.spec;
  }

  /** The pods of a Job wait for it: it can belong to the Job, and goes with it. */
  private async createSecretOf(job: string, stringData: Readonly<Record<string, string>>): Promise<void> {
    if ((await this.find(({ core }) => core.readNamespacedSecret(this.at(job)))) !== undefined) return;
    const owner = await this.findJob(job);
    const ownerReferences = [{ apiVersion: "batch/v1", kind: "Job", name: job, uid: owner?.metadata?.uid ?? "" }];
    await this.call(`Secret ${job}`, ({ core }) =>
      core.createNamespacedSecret({
        namespace: this.namespace,
        // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as in createJob
        body: { metadata: { name: job, ownerReferences }, stringData: { ...stringData } },
      }),
    );
  }

  /** Containers are merged by their names. */
  private async withImage(name: string, image: string) {
    const { spec } = await this.call(`Deployment ${name}`, ({ apps }) => apps.readNamespacedDeployment(this.at(name)));
    return spec?.template.spec?.containers.map((container) => ({ name: container.name, image }));
  }

  private async patch(name: string, spec: object): Promise<void> {
    await this.call(`Deployment ${name}`, ({ apps, merging }) =>
      apps.patchNamespacedDeployment({ ...this.at(name), body: { spec } }, merging),
    );
  }

  private findJob(name: string): Promise<V1Job | undefined> {
    return this.find(({ batch }) => batch.readNamespacedJob(this.at(name)));
  }

  private at(name: string) {
    return { name, namespace: this.namespace };
  }

  /** Like {@link call}, with undefined for what is not there. */
  private async find<T>(request: (apis: Apis) => Promise<T>): Promise<T | undefined> {
    return this.request(request).catch((error: unknown) => {
      if (codeOf(error) === 404) return undefined;
      throw error;
    });
  }

  private async call<T>(what: string, request: (apis: Apis) => Promise<T>): Promise<T> {
    return this.request(request).catch((error: unknown) => {
      if (codeOf(error) !== 404) throw error;
      throw new Error(`There is no ${what} in ${this.namespace}: deploy the stack "trading" first`);
    });
  }

  private async request<T>(request: (apis: Apis) => Promise<T>): Promise<T> {
    const apis = await this.connect();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Unreachable(`the Kubernetes API did not answer within ${ANSWER_TIMEOUT_MS / 1_000} s`));
      }, ANSWER_TIMEOUT_MS);
    });
    try {
      return await Promise.race([request(apis), late]);
    } catch (error) {
      const code = codeOf(error);
      // Whatever carries no answer's code never got one.
      if (error instanceof Unreachable || (code !== undefined && code < 500 && code !== 429)) throw error;
      throw new Unreachable(`the Kubernetes API does not answer: ${reasonOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

function workloadOf({ metadata, spec, status }: V1Deployment): Workload {
  const wanted = spec?.replicas ?? 1;
  const {
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    conditions = [],
    observedGeneration = 0,
  }: Partial<V1DeploymentStatus> = status ?? {};
  const seen = observedGeneration >= (metadata?.generation ?? 0);
  const ready = seen ? Math.min(updatedReplicas, readyReplicas) : 0;
  const failing = conditions.find(
    ({ type, reason, status: is }) =>
      (type === "Progressing" && reason === "ProgressDeadlineExceeded") || (type === "ReplicaFailure" && is === "True"),
  );
  return {
    image: spec?.template.spec?.containers[0]?.image ?? "",
    wanted,
    ready,
    settled: seen && updatedReplicas === wanted && readyReplicas === wanted && replicas === wanted,
    ...(seen && failing !== undefined ? { trouble: failing.message ?? failing.reason ?? failing.type } : {}),
  };
}

function changeContainer(container: V1Container, job: string, { image, args, env = {}, secrets = {} }: JobChange) {
  if (image !== undefined) container.image = image;
  if (args !== undefined) container.args = [...args];
  const given = [
    ...Object.entries(env).map(([name, value]) => ({ name, value })),
    ...Object.keys(secrets).map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: job, key } } })),
  ];
  const replaced = given.flatMap(({ name }) => [name, `${name}_FILE`]);
  container.env = [...(container.env ?? []).filter(({ name }) => !replaced.includes(name)), ...given];
}

/** Without the labels by which Kubernetes tells a Job's own pods. */
function withoutOwner(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !/(^|\/)(controller-uid|job-name)$/.test(key)));
}

const bornAt = ({ metadata }: { readonly metadata?: { readonly creationTimestamp?: Date } }) =>
  metadata?.creationTimestamp?.getTime() ?? 0;

/** HTTP status of the API server's refusal. */
function codeOf(error: unknown): number | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "number" ? code : undefined;
}

/** The network's own words are in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  return cause instanceof Error ? cause.message : (messageOf(error).split("\n")[0] ?? "");
}
