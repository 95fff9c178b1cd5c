import {
  NetworkPolicyV1,
  type NetworkPolicyV1SpecEgressTo,
  type NetworkPolicyV1SpecIngressFrom,
} from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { Construct } from "constructs";
import { services } from "../../app/packages/contract/services";
import { pascalCase } from "../support/pascal-case";
import { type Peer, traffic, type TrafficPorts, type TrafficRow } from "./traffic";

export interface NetworkPoliciesProps {
  readonly namespace: string;
  readonly vpcCidr: string;
  /** Where the load balancer's addresses are. */
  readonly publicSubnets: readonly string[];
  readonly databaseSubnets: readonly string[];
  readonly ports: TrafficPorts;
}

/** Where EKS gives pods their AWS credentials, on every node. */
const POD_IDENTITY_AGENT = "169.254.170.23/32";

type PolicyPeer = NetworkPolicyV1SpecEgressTo & NetworkPolicyV1SpecIngressFrom;

/** Label of pods that run once or on a schedule. */
export const JOB_LABELS = { "app.kubernetes.io/component": "job" };

/** Denies everything in the namespace but what the table of traffic says. */
export class NetworkPolicies extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: NetworkPoliciesProps,
  ) {
    super(scope, id);
    new NetworkPolicyV1(this, "DefaultDeny", {
      metadata: { name: "default-deny", namespace: props.namespace },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    });
    for (const [pods, rows] of Map.groupBy(traffic(props.ports), (row) => row.pods)) this.allow(pods, rows);
  }

  private allow(pods: TrafficRow["pods"], rows: readonly TrafficRow[]): void {
    const rules = (direction: TrafficRow["direction"]) => rows.filter((row) => row.direction === direction);
    const ports = ({ port, protocol }: TrafficRow) => [{ port: String(port), protocol }];
    const ingress = rules("in").map((row) => ({ from: this.peers(row.peer), ports: ports(row) }));
    const egress = rules("out").map((row) => ({ to: this.peers(row.peer), ports: ports(row) }));
    new NetworkPolicyV1(this, pascalCase(pods), {
      metadata: {
        name: pods === "everything" || pods === "jobs" ? pods : services[pods].name,
        namespace: this.props.namespace,
      },
      spec: {
        podSelector: { matchLabels: selector(pods) },
        policyTypes: [...(ingress.length > 0 ? ["Ingress"] : []), ...(egress.length > 0 ? ["Egress"] : [])],
        ...(ingress.length > 0 ? { ingress } : {}),
        ...(egress.length > 0 ? { egress } : {}),
      },
    });
  }

  private peers(peer: Peer): PolicyPeer[] {
    if ("service" in peer) return [{ podSelector: { matchLabels: selector(peer.service) } }];
    if ("namespace" in peer) {
      return [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": peer.namespace } } }];
    }
    switch (peer.cidrs) {
      case "load balancer subnets":
        return this.props.publicSubnets.map((cidr) => ({ ipBlock: { cidr } }));
      case "database subnets":
        return this.props.databaseSubnets.map((cidr) => ({ ipBlock: { cidr } }));
      case "pod identity agent":
        return [{ ipBlock: { cidr: POD_IDENTITY_AGENT } }];
      case "anywhere but the VPC":
        return [{ ipBlock: { cidr: "0.0.0.0/0", except: [this.props.vpcCidr] } }];
    }
  }
}

function selector(pods: TrafficRow["pods"]): Record<string, string> {
  switch (pods) {
    case "everything":
      return {};
    case "jobs":
      return JOB_LABELS;
    default:
      return { app: `${services[pods].name}-service` };
  }
}
