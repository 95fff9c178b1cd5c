import type { V1Container, V1Job, V1JobSpec } from "@kubernetes/client-node";
import type { JobChange, JobState } from "./cluster";
import type { NamespaceApi } from "./namespace-api";

const LOG_LINES = 20;

/** Seconds that a finished Job stays to be looked at. */
const KEEP_JOB_SECONDS = 7 * 24 * 3600;

/** Jobs of a namespace, made after those that the stacks declare. */
export class ApiJobs {
  constructor(private readonly api: NamespaceApi) {}

  async start(name: string, like: string, otherwise: JobChange): Promise<void> {
    if ((await this.find(name)) === undefined) await this.create(name, like, otherwise);
    if (otherwise.secrets !== undefined) await this.createSecretOf(name, otherwise.secrets);
  }

  async state(name: string): Promise<JobState> {
    const job = await this.find(name);
    if (job === undefined) throw new Error(`The Job ${name} is gone from ${this.api.namespace}`);
    const is = (type: string) => job.status?.conditions?.some((one) => one.type === type && one.status === "True");
    if (is("Complete") === true) return { is: "succeeded" };
    return is("Failed") === true ? { is: "failed", log: await this.log(name) } : { is: "running" };
  }

  async log(job: string): Promise<string> {
    const { items } = await this.api.call("pods", ({ core }) =>
      core.listNamespacedPod({ namespace: this.api.namespace, labelSelector: `job-name=${job}` }),
    );
    const name = items.sort((one, other) => bornAt(other) - bornAt(one))[0]?.metadata?.name;
    if (name === undefined) return "no pod was made";
    const log = await this.api.find(({ core }) =>
      core.readNamespacedPodLog({ name, namespace: this.api.namespace, tailLines: LOG_LINES }),
    );
    return log ?? "its log is gone";
  }

  private async create(name: string, like: string, otherwise: JobChange): Promise<void> {
    const model = await this.modelOf(like);
    if (model === undefined) {
      throw new Error(
        `There is no Job ${like} in ${this.api.namespace} to take after: deploy the stack "trading" first`,
      );
    }
    const { backoffLimit, activeDeadlineSeconds, template } = structuredClone(model);
    for (const container of template.spec?.containers ?? []) changeContainer(container, name, otherwise);
    if (template.spec !== undefined && otherwise.hosts !== undefined) {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the library takes plain objects where its types name classes
      template.spec.hostAliases = Object.entries(otherwise.hosts).map(([host, ip]) => ({ ip, hostnames: [host] }));
    }
    const labels = withoutOwner(template.metadata?.labels);
    const body = {
      metadata: { name, namespace: this.api.namespace, labels },
      spec: {
        backoffLimit,
        activeDeadlineSeconds,
        ttlSecondsAfterFinished: KEEP_JOB_SECONDS,
        template: { metadata: { labels }, spec: template.spec },
      },
    };
    await this.api.call(`Job ${name}`, ({ batch }) =>
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the library's models are plain data: it builds them as literals itself
      batch.createNamespacedJob({ namespace: this.api.namespace, body }),
    );
  }

  private async modelOf(like: string): Promise<V1JobSpec | undefined> {
    const scheduled = await this.api.find(({ batch }) => batch.readNamespacedCronJob(this.api.at(like)));
    if (scheduled?.spec.jobTemplate.spec !== undefined) return scheduled.spec.jobTemplate.spec;
    const { items } = await this.api.call("Jobs", ({ batch }) =>
      batch.listNamespacedJob({ namespace: this.api.namespace }),
    );
    const alike = items.filter((job) => job.spec?.template.metadata?.labels?.["app"] === like);
    return alike.sort((one, other) => bornAt(other) - bornAt(one))[0]?.spec;
  }

  /** The pods of a Job wait for it: it can belong to the Job, and goes with it. */
  private async createSecretOf(job: string, stringData: Readonly<Record<string, string>>): Promise<void> {
    if ((await this.api.find(({ core }) => core.readNamespacedSecret(this.api.at(job)))) !== undefined) return;
    const owner = await this.find(job);
    const ownerReferences = [{ apiVersion: "batch/v1", kind: "Job", name: job, uid: owner?.metadata?.uid ?? "" }];
    await this.api.call(`Secret ${job}`, ({ core }) =>
      core.createNamespacedSecret({
        namespace: this.api.namespace,
        // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as in create
        body: { metadata: { name: job, ownerReferences }, stringData: { ...stringData } },
      }),
    );
  }

  private find(name: string): Promise<V1Job | undefined> {
    return this.api.find(({ batch }) => batch.readNamespacedJob(this.api.at(name)));
  }
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

/** Without the labels by which Kubernetes finds a Job's own pods. */
function withoutOwner(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !/(^|\/)(controller-uid|job-name)$/.test(key)));
}

const bornAt = ({ metadata }: { readonly metadata?: { readonly creationTimestamp?: Date } }) =>
  metadata?.creationTimestamp?.getTime() ?? 0;
