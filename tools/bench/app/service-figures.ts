import { actuator } from "../../../app/packages/contract/services";

/** Figures that a process reports about itself. */
const figures = {
  processorSeconds: "process_cpu_seconds_total",
  residentBytes: "process_resident_memory_bytes",
  heapBytes: "nodejs_heap_size_used_bytes",
} as const;

export type ServiceFigures = Readonly<Record<keyof typeof figures, number>>;

/** @throws when the service does not answer, or leaves a figure out */
export async function serviceFigures(url: string): Promise<ServiceFigures> {
  const response = await fetch(url + actuator.metrics);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}${actuator.metrics} answered ${response.status}`);
  const read = (name: string) => {
    const [, value] = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, "m").exec(text) ?? [];
    if (value === undefined) throw new Error(`${url}${actuator.metrics} does not tell ${name}`);
    return Number(value);
  };
  const entries = Object.entries(figures).map(([figure, name]) => [figure, read(name)]);
  return Object.fromEntries(entries) as ServiceFigures;
}

/** Processor time that the service has used so far. */
export const processorSeconds = async (url: string) => (await serviceFigures(url)).processorSeconds;
