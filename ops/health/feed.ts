import { metrics } from "../../app/packages/contract/metrics";
import type { Context } from "../core/context";

/** Time that market data may be late, as the setup guide allows it to be lost. */
export const LONGEST_LAG_SECONDS = 30;

/** The broker's feed, as reported by the pod that leads it; the others do not know it. */
export interface Feed {
  /** The pod that reported it, for an operator. */
  readonly by: string;
  /** Time from the exchange's timestamp of the newest tick to its being stored. */
  readonly lagSeconds: number;
  /** Ticks that this pod has stored. */
  readonly ticks: number;
  /** Whether the exchange trades now, so that there are ticks to come. */
  readonly sessionOpen: boolean;
}

/** Undefined where no pod of the live colour leads the feed, or none answers. */
export async function leaderFeed({ platform }: Context): Promise<Feed | undefined> {
  const { live } = await platform.release.read();
  const answers = await platform.askMarketData(live);
  const leader = answers.find(({ text }) => sample(text, metrics.marketFeedHeld.name) === 1);
  if (leader === undefined) return undefined;
  const { text, by } = leader;
  return {
    by,
    lagSeconds: sample(text, metrics.marketDataLag.name) ?? 0,
    ticks: sample(text, metrics.marketTicksProcessed.name) ?? 0,
    sessionOpen: sample(text, metrics.marketSessionOpen.name) === 1,
  };
}

/** Value of a metric without regard to its labels, in Prometheus's text format. */
function sample(text: string, name: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  const value = Number(line?.split(" ").at(-1));
  return line === undefined || Number.isNaN(value) ? undefined : value;
}
