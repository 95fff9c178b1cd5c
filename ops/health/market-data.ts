import { networkLimits } from "../../app/packages/contract/network-limits";
import { actuator, services } from "../../app/packages/contract/services";
import type { Colour } from "../../config/schema/release-state";
import { deploymentName } from "../../config/names";
import type { Cluster } from "../kubernetes/cluster";

/** What market data reports about itself. */
export interface SelfReport {
  /** Metrics in Prometheus's text format. */
  readonly text: string;
  /** The pod that reported it, for an operator. */
  readonly by: string;
}

/** Asks market data of a colour: the report of each replica that answers. */
export type AskMarketData = (colour: Colour) => Promise<readonly SelfReport[]>;

export const askPods =
  (cluster: Cluster): AskMarketData =>
  async (colour) => {
    const { marketData } = services;
    const texts = await cluster.ask(deploymentName(marketData, colour), marketData.port, actuator.metrics);
    return texts.map((text) => ({ text, by: "a pod" }));
  };

/**
 * Asks the pods, else the application of this machine: nothing runs in the pods that kwok calls ready.
 *
 * @param address of market data on this machine, without a slash at its end
 */
export const askPodsOrProcess =
  (cluster: Cluster, address: string): AskMarketData =>
  async (colour) => {
    const reports = await askPods(cluster)(colour);
    if (reports.length > 0) return reports;
    const signal = AbortSignal.timeout(networkLimits.services.answerMs);
    const answer = await fetch(address + actuator.metrics, { signal }).catch(() => undefined);
    return answer?.ok === true ? [{ text: await answer.text(), by: "the application of this machine" }] : [];
  };
