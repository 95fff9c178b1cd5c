import { actuator, services } from "../../app/packages/contract/services";
import type { Colour } from "../../config/schema/release-state";
import { deploymentName } from "../../config/names";
import { SECOND_MS } from "../core/clock";
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

const ANSWER_TIMEOUT_MS = 5 * SECOND_MS;

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
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const answer = await fetch(address + actuator.metrics, { signal }).catch(() => undefined);
    return answer?.ok === true ? [{ text: await answer.text(), by: "the application of this machine" }] : [];
  };
