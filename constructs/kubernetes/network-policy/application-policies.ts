import type { Construct } from "constructs";
import { services } from "../../../app/packages/contract/services";
import { NetworkPolicies } from "./network-policies";
import { anywhereBut, networks, podIdentityAgent, podsOfNamespace, podsWith } from "./peers";
import type { PolicyPeer } from "./peers";
import { TIME_SERIES } from "../../../config/names";
import type { TimeSeries } from "../../../config/schema/time-series";
import { brokerReach, traffic } from "./traffic";
import type { Peer, Pods, TrafficPorts } from "./traffic";

export interface ApplicationPoliciesProps {
  readonly namespace: string;
  readonly vpcCidr: string;
  /** Where the load balancer's addresses are. */
  readonly publicSubnets: readonly string[];
  readonly databaseSubnets: readonly string[];
  /** Where the API server's own addresses are, and those of Services, of which one is the API server's. */
  readonly kubernetesApi: readonly string[];
  readonly ports: TrafficPorts;
  /** Where market data is kept. */
  readonly timeSeries: Pick<TimeSeries, "in">;
  /** Scheme, host and port of the broker's API. */
  readonly brokerUrl: string;
  /** The proxy that the broker is reached through, and its networks. @default straight to the broker */
  readonly brokerProxy?: { readonly url: string; readonly cidrs: readonly string[] } | undefined;
}

/** Label of pods that run once or on a schedule. */
export const JOB_LABELS = { "app.kubernetes.io/component": "job" };

/**
 * What the label `app` of instances of the time series' server says, and of the pods of jobs that make or restore one: these
 * inherit it as well. Source: cloudnative-pg, inheritJobMetadata in internal/controller/cluster_create.go, 1.30.0.
 */
export const INSTANCE_LABELS = { app: TIME_SERIES };

/** Denies everything in the application's namespace but what the table of traffic says. */
export class ApplicationPolicies extends NetworkPolicies {
  constructor(scope: Construct, id: string, props: ApplicationPoliciesProps) {
    super(scope, id, {
      namespace: props.namespace,
      allowed: traffic(props.ports, brokerReach(props), props.timeSeries).map(
        ({ pods, direction, peer, protocol, port }) => ({
          policy: nameOf(pods),
          pods: labelsOf(pods),
          direction,
          peers: peersOf(peer, props),
          ports: [port],
          protocol,
        }),
      ),
    });
  }
}

function peersOf(peer: Peer, props: ApplicationPoliciesProps): readonly PolicyPeer[] {
  if ("pods" in peer) return podsWith(labelsOf(peer.pods));
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
    case "Kubernetes API":
      return networks(props.kubernetesApi);
  }
}

/** What the policy about pods is called, and how a table names them. */
export function nameOf(pods: Pods): string {
  switch (pods) {
    case "everything":
    case "jobs":
      return pods;
    case "timeSeries":
      return TIME_SERIES;
    default:
      return services[pods].name;
  }
}

function labelsOf(pods: Pods): Record<string, string> {
  switch (pods) {
    case "everything":
      return {};
    case "jobs":
      return JOB_LABELS;
    case "timeSeries":
      return INSTANCE_LABELS;
    default:
      return { app: `${services[pods].name}-service` };
  }
}
