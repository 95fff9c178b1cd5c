import { Construct } from "constructs";
import { HelmRelease } from "../helm/helm-release";
import type { Chart } from "../helm/helm-release";
import type { HelmAddOnProps } from "./helm-add-on-props";
import { disruptionBudget, REPLICAS, resources, spread } from "./pod-values";
import type { Placement, Resources, SpreadConstraint } from "./pod-values";
import type { Toleration } from "../workload/pod";

const chart: Chart = {
  name: "metrics-server",
  repository: "https://kubernetes-sigs.github.io/metrics-server/",
  version: "3.13.1",
};

interface Values {
  readonly replicas: number;
  readonly resources: Resources;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly maxUnavailable: number };
  readonly topologySpreadConstraints: readonly SpreadConstraint[];
  readonly nodeSelector: Placement["nodeSelector"];
  readonly tolerations: readonly Toleration[];
  readonly apiService: { readonly insecureSkipTLSVerify: boolean };
  readonly tls: { readonly type: "cert-manager" };
}

/** Tells autoscalers what pods use. Its certificate is cert-manager's, and the API server checks it. */
export class MetricsServer extends Construct {
  constructor(scope: Construct, id: string, { charts, placement, after }: HelmAddOnProps) {
    super(scope, id);
    const values: Values = {
      ...placement,
      replicas: REPLICAS,
      resources: resources({ cpu: "100m", memory: "200Mi" }, { cpu: "500m", memory: "400Mi" }),
      podDisruptionBudget: { enabled: true, ...disruptionBudget },
      topologySpreadConstraints: spread({ "app.kubernetes.io/name": chart.name }),
      apiService: { insecureSkipTLSVerify: false },
      tls: { type: "cert-manager" },
    };
    new HelmRelease(this, "Chart", { chart, charts, namespace: "kube-system", values, after });
  }
}
