import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { POSTGRES_OPERATOR_NAMESPACE } from "../../../../config/names";
import type { TimeSeries } from "../../../../config/schema/time-series";
import { CustomObjects } from "../../custom-objects/custom-objects";

export interface TimeSeriesMonitorsProps {
  /** Where the environment keeps its time series: only `timescaledb` has pods to ask. */
  readonly timeSeries: TimeSeries;
  /** Where the monitors are kept. */
  readonly namespace: string;
  /** Where the instances are. */
  readonly applicationNamespace: string;
  readonly after: readonly ITerraformDependable[];
}

/** Has the instances of every cluster asked for their metrics, restored copies too, and their operator. */
export class TimeSeriesMonitors extends Construct {
  constructor(scope: Construct, id: string, props: TimeSeriesMonitorsProps) {
    super(scope, id);
    const { timeSeries, namespace, applicationNamespace, after } = props;
    if (timeSeries.in === "database") return;
    const objects = [instances(namespace, applicationNamespace), operator(namespace)];
    new CustomObjects(this, "Objects", { releaseName: "time-series-monitors", namespace, objects, after });
  }
}

/** Series carry the cluster, which most of them do not name themselves, beside namespace and pod. */
function instances(namespace: string, applicationNamespace: string): PodMonitor {
  return new PodMonitor({
    metadata: { name: "time-series", namespace },
    spec: {
      namespaceSelector: { matchNames: [applicationNamespace] },
      selector: { matchLabels: { "cnpg.io/podRole": "instance" } },
      podMetricsEndpoints: [
        {
          port: "metrics",
          interval: "15s",
          scrapeTimeout: "10s",
          honorLabels: true,
          relabelings: [
            {
              action: "replace",
              sourceLabels: ["__meta_kubernetes_pod_label_cnpg_io_cluster"],
              targetLabel: "cluster",
            },
          ],
        },
      ],
    },
  });
}

function operator(namespace: string): PodMonitor {
  return new PodMonitor({
    metadata: { name: "cloudnative-pg", namespace },
    spec: {
      namespaceSelector: { matchNames: [POSTGRES_OPERATOR_NAMESPACE] },
      selector: { matchLabels: { "app.kubernetes.io/name": "cloudnative-pg" } },
      podMetricsEndpoints: [{ port: "metrics", interval: "60s" }],
    },
  });
}
