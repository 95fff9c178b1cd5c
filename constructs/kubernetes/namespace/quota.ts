import { podsAtMost, podsAtOnce, quantity } from "../../../config/schema/trading";
import type { ServiceSettings } from "../../../config/schema/trading";

export interface Quota {
  /** Kubernetes quantities. */
  readonly cpu: string;
  readonly memory: string;
  readonly pods: number;
}

/** Room for the jobs. */
const JOBS = { pods: 5, cpuMillicores: 2000, memoryMiB: 4096 };

/** All that the services can ask for together, and the jobs: whatever goes beyond is a mistake. */
export function quotaFor(services: readonly ServiceSettings[]): Quota {
  const sum = (of: (service: ServiceSettings) => number) =>
    services.reduce((total, service) => total + podsAtOnce(podsAtMost(service)) * of(service), 0);
  return {
    cpu: `${sum(({ requests }) => quantity(requests.cpu)) + JOBS.cpuMillicores}m`,
    memory: `${sum(({ requests }) => quantity(requests.memory)) + JOBS.memoryMiB}Mi`,
    pods: sum(() => 1) + JOBS.pods,
  };
}
