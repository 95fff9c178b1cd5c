import { NetworkPolicyV1, type NetworkPolicyV1SpecIngressFrom } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { Construct } from "constructs";
import { monitoringServices } from "../observability/monitoring-services";
import { pascalCase } from "../support/pascal-case";

export interface MonitoringPoliciesProps {
  readonly namespace: string;
  /** Where the application runs. */
  readonly applicationNamespace: string;
  /** Where the load balancer's addresses are. */
  readonly publicSubnets: readonly string[];
  /** Where the control plane's addresses are. */
  readonly privateSubnets: readonly string[];
}

interface IngressRow {
  /** Names the policy. */
  readonly name: string;
  /** Pods that the row is about. @default all */
  readonly pods?: Readonly<Record<string, string>>;
  /** @default all, of those who may */
  readonly ports?: readonly number[];
  readonly from: readonly NetworkPolicyV1SpecIngressFrom[];
}

/**
 * Who may speak to the monitoring, row by row: itself, the load balancer to Grafana, those who send traces, and the API
 * server, which asks the operator's webhook. Prometheus is nobody else's: an administrator forwards its port, which
 * arrives through the node and is held up by no policy.
 */
function rows(props: MonitoringPoliciesProps): readonly IngressRow[] {
  const { grafana, jaeger } = monitoringServices;
  const subnets = (cidrs: readonly string[]) => cidrs.map((cidr) => ({ ipBlock: { cidr } }));
  const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
  return [
    { name: "among-themselves", from: [{ podSelector: {} }] },
    {
      name: grafana.name,
      pods: { "app.kubernetes.io/name": "grafana" },
      ports: [grafana.port],
      from: subnets(props.publicSubnets),
    },
    {
      name: jaeger.name,
      pods: { "app.kubernetes.io/name": "jaeger" },
      ports: [jaeger.port],
      from: [namespace(props.applicationNamespace)],
    },
    {
      name: "operator-webhook",
      pods: { "app.kubernetes.io/component": "prometheus-operator" },
      ports: [10250],
      from: subnets(props.privateSubnets),
    },
  ];
}

/** Denies what reaches the monitoring but for the rows of its table. */
export class MonitoringPolicies extends Construct {
  constructor(scope: Construct, id: string, props: MonitoringPoliciesProps) {
    super(scope, id);
    const { namespace } = props;
    new NetworkPolicyV1(this, "DefaultDeny", {
      metadata: { name: "default-deny", namespace },
      spec: { podSelector: {}, policyTypes: ["Ingress"] },
    });
    for (const { name, pods, ports, from } of rows(props)) {
      new NetworkPolicyV1(this, pascalCase(...name.split("-")), {
        metadata: { name, namespace },
        spec: {
          podSelector: pods === undefined ? {} : { matchLabels: pods },
          policyTypes: ["Ingress"],
          ingress: [
            {
              from: [...from],
              ...(ports && { ports: ports.map((port) => ({ port: String(port), protocol: "TCP" })) }),
            },
          ],
        },
      });
    }
  }
}
