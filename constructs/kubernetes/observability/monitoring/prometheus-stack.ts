import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { HelmAddOnProps } from "../../add-ons/helm-add-on-props";
import { REPLICAS, resources } from "../../add-ons/pod-values";
import { HelmRelease } from "../../helm/helm-release";
import type { Chart } from "../../helm/helm-release";
import { alertmanagerValues } from "./alertmanager-values";
import type { AlertmanagerProps } from "./alertmanager-values";
import { grafanaValues } from "./grafana-values";
import type { GrafanaProps } from "./grafana-values";
import { volumeClaim } from "./volume-claim";

const chart: Chart = {
  name: "kube-prometheus-stack",
  repository: "https://prometheus-community.github.io/helm-charts",
  version: "88.5.3",
};

export interface PrometheusStackProps extends HelmAddOnProps {
  readonly namespace: string;
  /** Namespace of the node exporter, whose pods see their node's files and network. */
  readonly nodeNamespace: string;
  readonly retentionDays: number;
  /** Volume of each of the two Prometheis, GiB. */
  readonly storageGiB: number;
  readonly alertmanager: Pick<AlertmanagerProps, "region" | "topicArn">;
  readonly grafana: Pick<GrafanaProps, "host" | "adminSecret" | "certificateSecret">;
}

/** Prometheus begins to drop the oldest data before its volume is full. */
const RETENTION_SHARE = 0.85;

/** Parts of the control plane that EKS runs where nobody can ask them. */
const unseen = ["kubeEtcd", "kubeScheduler", "kubeControllerManager", "kubeProxy"] as const;

/** Kinds of objects whose state is told: of the chart's own list without secrets and what holds settings. */
const COUNTED = [
  "cronjobs",
  "daemonsets",
  "deployments",
  "horizontalpodautoscalers",
  "jobs",
  "namespaces",
  "nodes",
  "persistentvolumeclaims",
  "persistentvolumes",
  "poddisruptionbudgets",
  "pods",
  "replicasets",
  "resourcequotas",
  "statefulsets",
];

/** Rules about them, and about machines that there are none of. */
const RULES_OFF = {
  etcd: false,
  kubeControllerManager: false,
  kubeProxy: false,
  kubeSchedulerAlerting: false,
  kubeSchedulerRecording: false,
  windows: false,
};

/**
 * Prometheus, Alertmanager and Grafana with their operator, and the figures of nodes and of Kubernetes. Monitors and
 * rules are taken from every namespace, whatever release they come with.
 */
export class PrometheusStack extends Construct {
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: PrometheusStackProps) {
    super(scope, id);
    const { charts, placement, namespace, after } = props;
    const values = {
      fullnameOverride: "monitoring",
      alertmanager: alertmanagerValues({ placement, ...props.alertmanager }),
      grafana: grafanaValues({ placement, namespace, ...props.grafana }),
      prometheus: prometheusValues(props),
      prometheusOperator: operatorValues(props),
      "kube-state-metrics": {
        ...placement,
        collectors: COUNTED,
        resources: resources({ cpu: "25m", memory: "96Mi" }, { cpu: "250m", memory: "256Mi" }),
      },
      "prometheus-node-exporter": {
        namespaceOverride: props.nodeNamespace,
        resources: resources({ cpu: "25m", memory: "32Mi" }, { cpu: "250m", memory: "128Mi" }),
      },
      defaultRules: { rules: RULES_OFF },
      ...Object.fromEntries(unseen.map((part) => [part, { enabled: false }])),
    };
    this.ready = new HelmRelease(this, "Chart", { chart, charts, namespace, values, after, timeoutSeconds: 900 }).ready;
  }
}

function prometheusValues({ placement, retentionDays, storageGiB }: PrometheusStackProps) {
  return {
    podDisruptionBudget: { enabled: true, minAvailable: REPLICAS - 1 },
    prometheusSpec: {
      ...placement,
      replicas: REPLICAS,
      podAntiAffinityTopologyKey: "topology.kubernetes.io/zone",
      scrapeInterval: "15s",
      evaluationInterval: "15s",
      retention: `${retentionDays}d`,
      retentionSize: `${Math.floor(storageGiB * RETENTION_SHARE)}GiB`,
      walCompression: true,
      resources: resources({ cpu: "500m", memory: "2Gi" }, { cpu: "2000m", memory: "4Gi" }),
      storageSpec: volumeClaim(storageGiB),
      ruleSelectorNilUsesHelmValues: false,
      serviceMonitorSelectorNilUsesHelmValues: false,
      podMonitorSelectorNilUsesHelmValues: false,
      probeSelectorNilUsesHelmValues: false,
      scrapeConfigSelectorNilUsesHelmValues: false,
    },
  };
}

function operatorValues({ placement }: PrometheusStackProps) {
  const small = resources({ cpu: "25m", memory: "64Mi" }, { cpu: "250m", memory: "256Mi" });
  return {
    ...placement,
    resources: small,
    prometheusConfigReloader: { resources: resources({ cpu: "10m", memory: "32Mi" }, { cpu: "100m", memory: "64Mi" }) },
    // Otherwise jobs of the chart sign its webhook's certificate.
    admissionWebhooks: { certManager: { enabled: true } },
  };
}
