import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "@prometheus-io/client";
import type { MetricContract } from "../../contract/metrics";

type Label<M extends MetricContract> = M["labels"][number];
type Of<M extends MetricContract, T extends MetricContract["type"]> = M & { readonly type: T };

/** The metrics of one service: made from their contracts, each once. */
export class Metrics {
  readonly registry = new Registry();
  private readonly made = new Map<string, unknown>();
  private readonly collects = new Map<string, (() => void)[]>();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
  }

  /** Adds Node's own figures: memory, event loop, garbage collection. They keep no process alive. */
  withProcessMetrics(): this {
    collectDefaultMetrics({ register: this.registry });
    return this;
  }

  counter<const M extends MetricContract>(contract: Of<M, "counter">): Counter<Label<M>> {
    return this.once(contract, (base) => new Counter(base));
  }

  /** @param collect called at each scrape, for a figure that is kept elsewhere; each caller's is, with labels of its own */
  gauge<const M extends MetricContract>(
    contract: Of<M, "gauge">,
    collect?: (gauge: Gauge<Label<M>>) => void,
  ): Gauge<Label<M>> {
    const collects = this.collects.get(contract.name) ?? [];
    this.collects.set(contract.name, collects);
    const gauge = this.once(
      contract,
      (base) =>
        new Gauge<Label<M>>({
          ...base,
          collect: () => {
            for (const each of collects) each();
          },
        }),
    );
    if (collect !== undefined)
      collects.push(() => {
        collect(gauge);
      });
    return gauge;
  }

  histogram<const M extends MetricContract>(contract: Of<M, "histogram">): Histogram<Label<M>> {
    return this.once(contract, (base) => new Histogram({ ...base, buckets: [...(contract.buckets ?? [])] }));
  }

  private once<M extends MetricContract, T>(contract: M, make: (base: BaseOptions<M>) => T): T {
    const known = this.made.get(contract.name);
    if (known !== undefined) return known as T;
    const { name, help } = contract;
    const made = make({ name, help, labelNames: contract.labels, registers: [this.registry] });
    this.made.set(name, made);
    return made;
  }
}

interface BaseOptions<M extends MetricContract> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label<M>[];
  readonly registers: Registry[];
}
