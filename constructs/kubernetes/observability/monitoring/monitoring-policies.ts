import type { Construct } from "constructs";
import { NetworkPolicies } from "../../network-policy/network-policies";
import type { AllowedTraffic } from "../../network-policy/network-policies";
import { networks, podsOfNamespace } from "../../network-policy/peers";
import { monitoringServices } from "../../../../config/monitoring-services";

export interface MonitoringPoliciesProps {
  readonly namespace: string;
  /** Where the application runs. */
  readonly applicationNamespace: string;
  /** Where the load balancer's addresses are. */
  readonly publicSubnets: readonly string[];
  /** Where the control plane's addresses are. */
  readonly privateSubnets: readonly string[];
}

/**
 * Who may speak to the monitoring, row by row: itself, the load balancer to Grafana, those who send traces, and the API
 * server, which asks the operator's webhook. Prometheus is nobody else's: an administrator forwards its port, which
 * arrives through the node and is held up by no policy.
 */
function rows(props: MonitoringPoliciesProps): readonly Omit<AllowedTraffic, "direction">[] {
  const { grafana, jaeger } = monitoringServices;
  return [
    { policy: "among-themselves", peers: [{ podSelector: {} }] },
    {
      policy: grafana.name,
      pods: { "app.kubernetes.io/name": "grafana" },
      ports: [grafana.port],
      peers: networks(props.publicSubnets),
    },
    {
      policy: jaeger.name,
      pods: { "app.kubernetes.io/name": "jaeger" },
      ports: [jaeger.port],
      peers: podsOfNamespace(props.applicationNamespace),
    },
    {
      policy: "operator-webhook",
      pods: { "app.kubernetes.io/component": "prometheus-operator" },
      ports: [10250],
      peers: networks(props.privateSubnets),
    },
  ];
}

/** Denies what reaches the monitoring but for the rows of its table. */
export class MonitoringPolicies extends NetworkPolicies {
  constructor(scope: Construct, id: string, props: MonitoringPoliciesProps) {
    super(scope, id, {
      namespace: props.namespace,
      denied: ["in"],
      allowed: rows(props).map((row) => ({ ...row, direction: "in" })),
    });
  }
}
