import type { MetricContract } from "../../../app/packages/contract/metrics";
import type { ServiceContract } from "../../../app/packages/contract/services";

/** What Prometheus adds to every series of the application, beside the metric's own labels. */
type TargetLabel = "job" | "service" | "colour" | "pod" | "instance";

/** What a label has to be: a text as it is, or a pattern for the whole of it. */
type Matcher = string | RegExp;

/**
 * A metric of the application as PromQL selects it, by its contract: a renamed metric or label is an error when this
 * is compiled.
 */
export function series<const M extends MetricContract>(
  metric: M,
  matchers?: Readonly<Partial<Record<M["labels"][number] | TargetLabel, Matcher>>>,
): string {
  return select(metric.name, matchers ?? {});
}

/** The buckets of a histogram, which carry their upper bound as `le`. */
export const buckets = (metric: MetricContract & { readonly type: "histogram" }): string => `${metric.name}_bucket`;

/** A metric of somebody else: of the nodes, of Kubernetes or of an add-on. */
export function select(name: string, matchers: Readonly<Record<string, Matcher | undefined>>): string {
  const written = Object.entries(matchers).flatMap(([label, matcher]) => {
    if (matcher === undefined) return [];
    return [matcher instanceof RegExp ? `${label}=~"${matcher.source}"` : `${label}="${matcher}"`];
  });
  return written.length === 0 ? name : `${name}{${written.join(",")}}`;
}

/** Name of the scrape job of a service, as the setup guide writes it. */
export const scrapeJob = ({ name }: ServiceContract): string => `bist-trading-${name}`;

/** Every scrape job of the application. */
export const APPLICATION_JOBS = /bist-trading-.*/;
