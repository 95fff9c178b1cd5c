import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { Construct } from "constructs";
import { pascalCase } from "../../../support/pascal-case";
import { grafanaDashboard } from "./panels";
import type { Dashboard } from "./panels";

export interface DashboardsProps {
  readonly namespace: string;
  readonly dashboards: readonly Dashboard[];
}

/** What Grafana's side process looks for, by the Prometheus chart's defaults. */
const LABELS = { grafana_dashboard: "1" };

/** The dashboards as config maps, which Grafana loads by itself: what is changed in its pages is not kept. */
export class Dashboards extends Construct {
  constructor(scope: Construct, id: string, { namespace, dashboards }: DashboardsProps) {
    super(scope, id);
    for (const dashboard of dashboards) {
      new ConfigMapV1(this, pascalCase(...dashboard.uid.split("-")), {
        metadata: { name: dashboard.uid, namespace, labels: LABELS },
        data: { [`${dashboard.uid}.json`]: JSON.stringify(grafanaDashboard(dashboard)) },
      });
    }
  }
}
