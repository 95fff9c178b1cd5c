import { podsAtMost, podsAtOnce, quantity } from "../../../config/schema/trading";
import { archiverResources } from "../../../config/schema/time-series";
import type { TimeSeries, TimescaledbSettings } from "../../../config/schema/time-series";
import type { ServiceSettings } from "../../../config/schema/trading";

export interface Quota {
  /** Kubernetes quantities. */
  readonly cpu: string;
  readonly memory: string;
  readonly pods: number;
}

/** Room for the jobs. */
const JOBS = { pods: 5, cpuMillicores: 2000, memoryMiB: 4096 };

/** Pods that make an instance, beside the instances: one for each cluster at a time. */
const MAKING_INSTANCES = 2;

/** Room for the jobs of a server of its own. */
const TIME_SERIES_JOBS = { pods: 2, cpuMillicores: 200, memoryMiB: 256 };

/**
 * All that the services can ask for together, the jobs, and the time series' own server with a restored copy that is as
 * large, as before it takes the server's place: whatever goes beyond is a mistake.
 */
export function quotaFor(services: readonly ServiceSettings[], timeSeries: TimeSeries): Quota {
  const instances = timeSeries.in === "timescaledb" ? instancesAtOnce(timeSeries) : NOTHING;
  const sum = (of: (service: ServiceSettings) => number) =>
    services.reduce((total, service) => total + podsAtOnce(podsAtMost(service)) * of(service), 0);
  return {
    cpu: `${sum(({ requests }) => quantity(requests.cpu)) + JOBS.cpuMillicores + instances.cpuMillicores}m`,
    memory: `${sum(({ requests }) => quantity(requests.memory)) + JOBS.memoryMiB + instances.memoryMiB}Mi`,
    pods: sum(() => 1) + JOBS.pods + instances.pods,
  };
}

const NOTHING = { pods: 0, cpuMillicores: 0, memoryMiB: 0 };

function instancesAtOnce({ instances, requests }: TimescaledbSettings) {
  const pods = 2 * instances + MAKING_INSTANCES;
  const { cpu, memory } = archiverResources.requests;
  return {
    pods: pods + TIME_SERIES_JOBS.pods,
    cpuMillicores: pods * (quantity(requests.cpu) + quantity(cpu)) + TIME_SERIES_JOBS.cpuMillicores,
    memoryMiB: pods * (quantity(requests.memory) + quantity(memory)) + TIME_SERIES_JOBS.memoryMiB,
  };
}
