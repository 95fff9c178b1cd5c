import { setTimeout as sleep } from "node:timers/promises";
import { serviceKeys, services } from "../../../app/packages/contract/services";
import type { ServiceKey } from "../../../app/packages/contract/services";
import { underLoad } from "./load";
import type { Line, Measurement } from "./measurement";
import { serviceFigures } from "./service-figures";
import type { ServiceFigures } from "./service-figures";
import type { BenchEnvironment } from "./bench-environment";

const idleLooks = 5;
const lookEveryMs = 1_000;
/** Caches fill and code is compiled before growth is looked for. */
const warmUpSeconds = 20;
const mib = 1024 * 1024;

/**
 * Memory of each service right after its start, under a mixed load, and how much it grows: the least heap of the last
 * fifth of the time against the least of the first, as garbage is taken away in between.
 */
export const measureMemory: Measurement = async (bench, { soakMinutes, tell }) => {
  tell("memory, idle");
  const idle = await watch(bench, idleLooks);
  const looks = Math.round((soakMinutes * 60_000) / lookEveryMs);
  const loaded = await underLoad(bench, warmUpSeconds + soakMinutes * 60 + 10, async () => {
    tell(`memory, warming up for ${warmUpSeconds} s`);
    await sleep(warmUpSeconds * 1000);
    tell(`memory, ${soakMinutes} min under load`);
    return watch(bench, looks);
  });
  const fifth = Math.ceil(looks / 5);
  return serviceKeys.flatMap((key): Line[] => {
    const { name } = services[key];
    const heap = loaded[key].map(({ heapBytes }) => heapBytes / mib);
    const growth = Math.min(...heap.slice(-fifth)) - Math.min(...heap.slice(0, fifth));
    return [
      { name: `${name}, resident, idle`, unit: "MiB", ours: idle[key].map(residentMiB) },
      { name: `${name}, resident, loaded`, unit: "MiB", ours: loaded[key].map(residentMiB) },
      { name: `${name}, heap growth in ${soakMinutes} min`, unit: "MiB", ours: [growth] },
    ];
  });
};

const residentMiB = ({ residentBytes }: ServiceFigures) => residentBytes / mib;

async function watch(bench: BenchEnvironment, looks: number): Promise<Readonly<Record<ServiceKey, ServiceFigures[]>>> {
  const seen: Record<ServiceKey, ServiceFigures[]> = { userManagement: [], marketData: [], brokerIntegration: [] };
  for (let look = 0; look < looks; look++) {
    for (const key of serviceKeys) seen[key].push(await serviceFigures(bench.urls[key]));
    await sleep(lookEveryMs);
  }
  return seen;
}
