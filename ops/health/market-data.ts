import { actuator, services } from "../../app/packages/contract/services";
import type { Colour } from "../../config/schema/release-state";
import { deploymentName } from "../../constructs/platform/names";
import { SECOND_MS } from "../core/clock";
import type { Cluster } from "../kubernetes/cluster";

/** What market data tells about itself. */
export interface SelfReport {
  /** Metrics in Prometheus's text format. */
  readonly text: string;
  /** Who told it, for an operator. */
  readonly by: string;
}

/** Asks market data of a colour; undefined where nobody answers. */
export type AskMarketData = (colour: Colour) => Promise<SelfReport | undefined>;

const ANSWER_TIMEOUT_MS = 5 * SECOND_MS;

export const askPod =
  (cluster: Cluster): AskMarketData =>
  async (colour) => {
    const { marketData } = services;
    const text = await cluster.ask(deploymentName(marketData, colour), marketData.port, actuator.metrics);
    return text === undefined ? undefined : { text, by: "a pod" };
  };

/**
 * Asks a pod, else the application of this machine: nothing runs in the pods that kwok calls ready.
 *
 * @param address of market data on this machine, without a slash at its end
 */
export const askPodOrProcess =
  (cluster: Cluster, address: string): AskMarketData =>
  async (colour) => {
    const told = await askPod(cluster)(colour);
    if (told !== undefined) return told;
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const answer = await fetch(address + actuator.metrics, { signal }).catch(() => undefined);
    return answer?.ok === true ? { text: await answer.text(), by: "the application of this machine" } : undefined;
  };
