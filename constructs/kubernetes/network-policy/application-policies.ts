import type { Construct } from "constructs";
import { services } from "../../../app/packages/contract/services";
import { NetworkPolicies } from "./network-policies";
import { anywhereBut, networks, podIdentityAgent, podsOfNamespace, podsWith } from "./peers";
import type { PolicyPeer } from "./peers";
import { brokerReach, traffic } from "./traffic";
import type { Peer, TrafficPorts, TrafficRow } from "./traffic";

export interface ApplicationPoliciesProps {
  readonly namespace: string;
  readonly vpcCidr: string;
  /** Where the load balancer's addresses are. */
  readonly publicSubnets: readonly string[];
  readonly databaseSubnets: readonly string[];
  readonly ports: TrafficPorts;
  /** Scheme, host and port of the broker's API. */
  readonly brokerUrl: string;
  /** The proxy that the broker is reached through, and its networks. @default straight to the broker */
  readonly brokerProxy?: { readonly url: string; readonly cidrs: readonly string[] } | undefined;
}

/** Label of pods that run once or on a schedule. */
export const JOB_LABELS = { "app.kubernetes.io/component": "job" };

/** Denies everything in the application's namespace but what the table of traffic says. */
export class ApplicationPolicies extends NetworkPolicies {
  constructor(scope: Construct, id: string, props: ApplicationPoliciesProps) {
    super(scope, id, {
      namespace: props.namespace,
      allowed: traffic(props.ports, brokerReach(props)).map(({ pods, direction, peer, protocol, port }) => ({
        policy: pods === "everything" || pods === "jobs" ? pods : services[pods].name,
        pods: labelsOf(pods),
        direction,
        peers: peersOf(peer, props),
        ports: [port],
        protocol,
      })),
    });
  }
}

function peersOf(peer: Peer, props: ApplicationPoliciesProps): readonly PolicyPeer[] {
  if ("service" in peer) return podsWith(labelsOf(peer.service));
  if ("namespace" in peer) return podsOfNamespace(peer.namespace);
  switch (peer.cidrs) {
    case "load balancer subnets":
      return networks(props.publicSubnets);
    case "database subnets":
      return networks(props.databaseSubnets);
    case "pod identity agent":
      return podIdentityAgent;
    case "anywhere but the VPC":
      return anywhereBut(props.vpcCidr);
    case "the broker's proxy":
      return networks(props.brokerProxy?.cidrs ?? []);
  }
}

function labelsOf(pods: TrafficRow["pods"]): Record<string, string> {
  switch (pods) {
    case "everything":
      return {};
    case "jobs":
      return JOB_LABELS;
    default:
      return { app: `${services[pods].name}-service` };
  }
}
