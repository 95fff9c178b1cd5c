import { TIME_SERIES, timeSeriesHost } from "../../../config/names";
import type { DatabaseJob, DatabaseJobs } from "../../../ops/recovery/database-jobs";
import type { KubernetesObject, Objects } from "../../../ops/kubernetes/objects";
import { kinds, labels } from "../../../ops/time-series/kinds";
import type { SimulatedOperator } from "./simulated-operator";

/** A run, and the cluster that it came to. */
export interface SeriesRun {
  readonly command: string;
  readonly cluster: string;
  readonly image: string | undefined;
}

/**
 * What the application's commands do at a server of the time series. They reach the cluster that they would: at the address
 * that they are given for the server's name, or the Service's; and none where its primary is not ready.
 */
export class SeriesJobs implements DatabaseJobs {
  readonly ran: SeriesRun[] = [];
  /** What a command fails with, by its name. */
  readonly failing: Record<string, string> = {};
  private readonly namespace: string;

  constructor(
    private readonly objects: Objects,
    private readonly operator: SimulatedOperator,
    namespace = "trading",
  ) {
    this.namespace = namespace;
  }

  requireTools(): Promise<void> {
    return Promise.resolve();
  }

  async run(_: unknown, { name, command, args, hosts, image }: DatabaseJob): Promise<unknown> {
    const cluster = await this.reached(hosts?.[timeSeriesHost(this.namespace)]);
    const failure = this.failing[command];
    if (failure !== undefined) throw new Error(`the Job ${name} failed; the end of its log:\n${failure}`);
    if (command === "probe-writes") return this.probe(name);
    const pods = await this.objects.list(kinds.pod, { [labels.cluster]: cluster, [labels.role]: "primary" });
    if (!pods.some(isReady)) throw new Error(`the Job ${name} failed; the end of its log:\nconnect ECONNREFUSED`);
    this.ran.push({ command, cluster, image });
    const held = this.operator.holds[cluster];
    if (held === undefined) throw new Error(`${cluster} was never brought up`);
    if (command === "inspect-time-series") return { ...held, counted: { ...held.counted, ...until(args[0]) } };
    if (command === "bootstrap-database") return "prepared";
    throw new Error(`no server of the time series knows ${command}`);
  }

  /** Ends once somebody takes writes again. */
  private async probe(name: string): Promise<unknown> {
    const cluster = await this.reached(undefined);
    for (let passes = 0; passes < 20; passes += 1) {
      await this.operator.pass();
      const pods = await this.objects.list(kinds.pod, { [labels.cluster]: cluster, [labels.role]: "primary" });
      if (pods.some(isReady)) return { committed: 100, longestGapMs: 4_200, recoveredAt: "2026-11-28T10:00:05.000Z" };
    }
    throw new Error(`the Job ${name} failed; the end of its log:\nthe server took no write any more`);
  }

  private async reached(address: string | undefined): Promise<string> {
    if (address === undefined) {
      const service = await this.objects.find(kinds.service, TIME_SERIES);
      return selectorOf(service)[labels.cluster] ?? "nothing";
    }
    const services = await this.objects.list(kinds.service);
    const service = services.find(({ spec }) => (spec as { readonly clusterIP?: string }).clusterIP === address);
    return selectorOf(service)[labels.cluster] ?? "nothing";
  }
}

const until = (time: string | undefined) => (time === undefined ? {} : { until: time });

const selectorOf = (service: KubernetesObject | undefined) =>
  ((service?.["spec"] ?? {}) as { readonly selector?: Readonly<Record<string, string>> }).selector ?? {};

const isReady = ({ status }: KubernetesObject) =>
  (
    (status ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
  ).conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
