import { Construct } from "constructs";
import { POSTGRES_OPERATOR_NAMESPACE } from "../../../config/names";
import type { TimeSeries } from "../../../config/schema/time-series";
import { PlatformNamespace } from "../namespace/platform-namespace";
import { NetworkPolicies } from "../network-policy/network-policies";
import type { AllowedTraffic } from "../network-policy/network-policies";
import { podsOfNamespace, podsWith } from "../network-policy/peers";
import { everyPod, monitored, webhook } from "./add-on-traffic";
import type { ClusterNetwork } from "./add-on-traffic";
import { BARMAN_CLOUD_PORT, barmanCloudLabels, BarmanCloudPlugin } from "./barman-cloud-plugin";
import { CloudNativePg, cloudNativePgLabels, cloudNativePgPorts } from "./cloudnative-pg";
import type { NamespacedAddOnProps } from "./helm-add-on-props";

export interface PostgresOperatorProps extends NamespacedAddOnProps {
  /** Where the environment keeps its time series: only `timescaledb` needs an operator. */
  readonly timeSeries: TimeSeries;
  /** Where the databases are. */
  readonly applicationNamespace: string;
}

/** Ports of an instance: its manager tells the operator its state. */
const INSTANCE_PORTS = { manager: 8000, postgresql: 5432 };

function traffic(network: ClusterNetwork, applicationNamespace: string): readonly AllowedTraffic[] {
  const operator = { policy: "operator", pods: cloudNativePgLabels, direction: "out" } as const;
  const plugin = { policy: "barman-cloud", pods: barmanCloudLabels, direction: "in" } as const;
  return [
    ...everyPod(network),
    webhook(operator.policy, cloudNativePgLabels, cloudNativePgPorts.webhook, network),
    monitored(operator.policy, cloudNativePgLabels, cloudNativePgPorts.metrics),
    {
      ...operator,
      peers: podsOfNamespace(applicationNamespace),
      ports: [INSTANCE_PORTS.manager, INSTANCE_PORTS.postgresql],
    },
    { ...operator, peers: podsWith(barmanCloudLabels), ports: [BARMAN_CLOUD_PORT] },
    { ...plugin, peers: podsWith(cloudNativePgLabels), ports: [BARMAN_CLOUD_PORT] },
  ];
}

/** What runs the PostgreSQL of an environment whose time series are in the cluster, and backs it up; otherwise nothing. */
export class PostgresOperator extends Construct {
  constructor(scope: Construct, id: string, props: PostgresOperatorProps) {
    super(scope, id);
    const { timeSeries, network, applicationNamespace, ...addOn } = props;
    if (timeSeries.in === "database") return;
    const { name: namespace } = new PlatformNamespace(this, "Namespace", { name: POSTGRES_OPERATOR_NAMESPACE });
    new NetworkPolicies(this, "NetworkPolicies", { namespace, allowed: traffic(network, applicationNamespace) });
    const operator = new CloudNativePg(this, "CloudNativePg", { ...addOn, namespace, applicationNamespace });
    new BarmanCloudPlugin(this, "BarmanCloud", {
      ...addOn,
      namespace,
      after: [...(addOn.after ?? []), ...operator.ready],
    });
  }
}
