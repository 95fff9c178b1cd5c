import type { V1Deployment, V1DeploymentStatus } from "@kubernetes/client-node";
import { RESTARTED_AT } from "../../config/names";
import { Unreachable } from "../core/outcome";
import { ApiJobs } from "./api-jobs";
import type { Autoscaler, Cluster, JobChange, JobState, Pod, Workload } from "./cluster";
import { NamespaceApi } from "./namespace-api";
import type { Apis } from "./namespace-api";

/** The namespace as a Kubernetes API server has it. */
export class ApiCluster implements Cluster {
  private readonly api: NamespaceApi;
  private readonly jobs: ApiJobs;

  constructor(connect: () => Promise<Apis>, namespace: string) {
    this.api = new NamespaceApi(connect, namespace);
    this.jobs = new ApiJobs(this.api);
  }

  async workload(name: string): Promise<Workload> {
    const deployment = await this.api.call(`Deployment ${name}`, ({ apps }) =>
      apps.readNamespacedDeployment(this.api.at(name)),
    );
    return workloadOf(deployment);
  }

  async change(name: string, { image, replicas }: { readonly image?: string; readonly replicas?: number }) {
    const containers = image === undefined ? undefined : await this.withImage(name, image);
    await this.patch(name, { replicas, template: containers && { spec: { containers } } });
  }

  async restart(name: string, stamp: string): Promise<void> {
    await this.patch(name, { template: { metadata: { annotations: { [RESTARTED_AT]: stamp } } } });
  }

  async autoscaler(name: string): Promise<Autoscaler | undefined> {
    const found = await this.api.find(({ autoscaling }) =>
      autoscaling.readNamespacedHorizontalPodAutoscaler(this.api.at(name)),
    );
    if (found?.spec === undefined) return undefined;
    const { minReplicas = 1, maxReplicas } = found.spec;
    return { min: minReplicas, max: maxReplicas, current: found.status?.desiredReplicas ?? 0 };
  }

  async setAutoscalerMinimum(name: string, minReplicas: number): Promise<void> {
    await this.api.call(`autoscaler ${name}`, ({ autoscaling, merging }) =>
      autoscaling.patchNamespacedHorizontalPodAutoscaler(
        { ...this.api.at(name), body: { spec: { minReplicas } } },
        merging,
      ),
    );
  }

  startJob(name: string, like: string, otherwise: JobChange): Promise<void> {
    return this.jobs.start(name, like, otherwise);
  }

  job(name: string): Promise<JobState> {
    return this.jobs.state(name);
  }

  log(job: string): Promise<string> {
    return this.jobs.log(job);
  }

  async secretCopies(reader: string, key: string): Promise<readonly string[]> {
    const { items } = await this.api.call("Secrets", ({ core }) =>
      core.listNamespacedSecret({ namespace: this.api.namespace }),
    );
    const made = items.filter(({ metadata }) =>
      metadata?.ownerReferences?.some(({ kind, name }) => kind === "ExternalSecret" && name === reader),
    );
    return made.map(({ data }) => Buffer.from(data?.[key] ?? "", "base64").toString());
  }

  async pods(deployment: string): Promise<readonly Pod[]> {
    const { spec } = await this.api.call(`Deployment ${deployment}`, ({ apps }) =>
      apps.readNamespacedDeployment(this.api.at(deployment)),
    );
    const labelSelector = Object.entries(spec?.selector.matchLabels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
    const { items } = await this.api.call("pods", ({ core }) =>
      core.listNamespacedPod({ namespace: this.api.namespace, labelSelector }),
    );
    const staying = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    return staying.map(({ metadata, status }) => ({
      name: metadata?.name ?? "",
      ready: status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false,
    }));
  }

  async kill(pod: string): Promise<void> {
    await this.api.find(({ core }) => core.deleteNamespacedPod({ ...this.api.at(pod), gracePeriodSeconds: 0 }));
  }

  async ask(deployment: string, port: number, path: string): Promise<readonly string[]> {
    const ready = (await this.pods(deployment)).filter((pod) => pod.ready);
    const answers = await Promise.all(ready.map(({ name }) => this.askPod(name, port, path)));
    return answers.filter((answer) => answer !== undefined);
  }

  private async askPod(pod: string, port: number, path: string): Promise<string | undefined> {
    const name = `https:${pod}:${port}`;
    try {
      return await this.api.call(`pod ${name}`, ({ core }) =>
        core.connectGetNamespacedPodProxyWithPath({
          name,
          namespace: this.api.namespace,
          path: path.replace(/^\//, ""),
        }),
      );
    } catch (error) {
      if (error instanceof Unreachable) throw error;
      return undefined; // The pod's own refusal, or that of whatever is on the way to it.
    }
  }

  /** Containers are merged by their names. */
  private async withImage(name: string, image: string) {
    const { spec } = await this.api.call(`Deployment ${name}`, ({ apps }) =>
      apps.readNamespacedDeployment(this.api.at(name)),
    );
    return spec?.template.spec?.containers.map((container) => ({ name: container.name, image }));
  }

  private async patch(name: string, spec: object): Promise<void> {
    await this.api.call(`Deployment ${name}`, ({ apps, merging }) =>
      apps.patchNamespacedDeployment({ ...this.api.at(name), body: { spec } }, merging),
    );
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
