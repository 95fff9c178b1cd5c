import type { App } from "cdktf";
import type { Environment } from "../config";
import { AlertRules } from "../constructs/kubernetes/observability/alerts/alert-rules";
import { alertGroups } from "../constructs/kubernetes/observability/alerts/alert-groups";
import { Dashboards } from "../constructs/kubernetes/observability/dashboards/dashboards";
import { databaseDashboard } from "../constructs/kubernetes/observability/dashboards/database-dashboard";
import { marketDataDashboard } from "../constructs/kubernetes/observability/dashboards/market-data-dashboard";
import { orderDashboard } from "../constructs/kubernetes/observability/dashboards/order-dashboard";
import { platformDashboard } from "../constructs/kubernetes/observability/dashboards/platform-dashboard";
import { timeSeriesDashboards } from "../constructs/kubernetes/observability/dashboards/time-series-dashboard";
import { GrafanaAccess } from "../constructs/kubernetes/observability/monitoring/grafana-access";
import { Jaeger } from "../constructs/kubernetes/observability/monitoring/jaeger";
import { MonitoringPolicies } from "../constructs/kubernetes/observability/monitoring/monitoring-policies";
import { PrometheusStack } from "../constructs/kubernetes/observability/monitoring/prometheus-stack";
import { ServiceMonitors } from "../constructs/kubernetes/observability/monitoring/service-monitors";
import { TimeSeriesMonitors } from "../constructs/kubernetes/observability/monitoring/time-series-monitors";
import { NetworkPolicies } from "../constructs/kubernetes/network-policy/network-policies";
import { PlatformNamespace } from "../constructs/kubernetes/namespace/platform-namespace";
import { placementOn } from "../constructs/kubernetes/workload/placement";
import type { ClusterOutputs } from "./cluster-stack";
import type { DataOutputs } from "./data-stack";
import type { EdgeOutputs } from "./edge-stack";
import { KubernetesStack } from "./kubernetes-stack";

interface ObservabilityUpstream {
  readonly cluster: ClusterOutputs;
  readonly data: DataOutputs;
  readonly edge: EdgeOutputs;
}

/** What the operators see of the platform, and what they are alerted to. */
export class ObservabilityStack extends KubernetesStack {
  constructor(app: App, environment: Environment, { cluster, data, edge }: ObservabilityUpstream) {
    super(app, environment, "observability", cluster);
    const { aws, network, observability: config, timeSeries, trading } = environment;
    const { monitor, ...hosts } = environment.edge.hosts;
    const { owner, repository } = environment.delivery.github;
    const { charts } = environment.platform;
    const placement = placementOn(environment.cluster.nodeGroups.database);

    const { name: namespace } = new PlatformNamespace(this, "Namespace", { name: "monitoring" });
    // One pod that sees its node keeps a whole namespace from the restricted standard, so the exporter has its own.
    const nodes = new PlatformNamespace(this, "NodeNamespace", {
      name: "node-monitoring",
      privileged: { reason: "The node exporter reads its node's files and counts its network's packets." },
    });
    new MonitoringPolicies(this, "NetworkPolicies", {
      namespace,
      applicationNamespace: trading.namespace,
      publicSubnets: network.publicSubnets,
      privateSubnets: network.privateSubnets,
    });
    // Its own pods are of their node's network, which no policy sees: whatever else came here is denied everything.
    new NetworkPolicies(this, "NodeNetworkPolicies", { namespace: nodes.name, allowed: [] });

    const grafana = new GrafanaAccess(this, "GrafanaAccess", {
      namespace,
      region: aws.region,
      host: monitor,
      issuer: trading.certificate.issuer,
      adminSecret: data.secrets.grafana.name,
      targetGroupArn: edge.monitorTargetGroup,
    });
    const prometheus = new PrometheusStack(this, "Prometheus", {
      charts,
      placement,
      namespace,
      nodeNamespace: nodes.name,
      retentionDays: config.metrics.retentionDays,
      storageGiB: config.metrics.storageGiB,
      alertmanager: { region: aws.region, topicArn: data.alarmTopicArn },
      grafana: { host: monitor, adminSecret: grafana.adminSecret, certificateSecret: grafana.certificateSecret },
      after: grafana.ready,
    });
    new Jaeger(this, "Jaeger", {
      charts,
      placement,
      namespace,
      retentionDays: config.traces.retentionDays,
      storageGiB: config.traces.storageGiB,
    });

    const after = prometheus.ready;
    new ServiceMonitors(this, "ServiceMonitors", {
      namespace,
      applicationNamespace: trading.namespace,
      hosts,
      authoritySecret: trading.certificate.publiclyTrusted ? undefined : grafana.certificateSecret,
      after,
    });
    new TimeSeriesMonitors(this, "TimeSeriesMonitors", {
      timeSeries,
      namespace,
      applicationNamespace: trading.namespace,
      after,
    });
    new AlertRules(this, "AlertRules", {
      namespace,
      groups: alertGroups({ namespace: trading.namespace, feedDelaySeconds: config.feedDelaySeconds, timeSeries }),
      project: `https://github.com/${owner}/${repository}/blob/main`,
      after,
    });
    new Dashboards(this, "Dashboards", {
      namespace,
      dashboards: [
        platformDashboard,
        marketDataDashboard,
        orderDashboard,
        databaseDashboard,
        ...timeSeriesDashboards(timeSeries),
      ],
    });
  }
}
