import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { actuator, serviceKeys, services } from "../../../../app/packages/contract/services";
import type { ServiceKey } from "../../../../app/packages/contract/services";
import { addOnIdentities } from "../../../aws/cluster/workload-identities";
import { CustomObjects } from "../../custom-objects/custom-objects";
import { scrapeJob } from "../promql";
import { serviceName } from "../../../../config/names";

export interface ServiceMonitorsProps {
  /** Where the monitors are kept. */
  readonly namespace: string;
  /** Where the application runs. */
  readonly applicationNamespace: string;
  /** The host that each service's certificate names. */
  readonly hosts: Readonly<Record<ServiceKey, string>>;
  /** Kubernetes Secret whose `ca.crt` signed the certificates. @default an authority that everybody knows */
  readonly authoritySecret?: string;
  readonly after: readonly ITerraformDependable[];
}

/** What is asked for its metrics beside what the charts bring: the three services in both colours, and cert-manager. */
export class ServiceMonitors extends Construct {
  constructor(scope: Construct, id: string, props: ServiceMonitorsProps) {
    super(scope, id);
    const { namespace, after } = props;
    const objects = [...serviceKeys.map((key) => serviceMonitor(key, props)), certManagerMonitor(namespace)];
    new CustomObjects(this, "Objects", { releaseName: "service-monitors", namespace, objects, after });
  }
}

function serviceMonitor(key: ServiceKey, props: ServiceMonitorsProps): ServiceMonitor {
  const { namespace, applicationNamespace, hosts, authoritySecret } = props;
  const contract = services[key];
  return new ServiceMonitor({
    metadata: { name: contract.name, namespace },
    spec: {
      namespaceSelector: { matchNames: [applicationNamespace] },
      selector: {
        matchLabels: { app: serviceName(contract) },
        // The Service of either colour leaves them out: each pod is asked once.
        matchExpressions: [{ key: "colour", operator: "Exists" }],
      },
      targetLabels: ["colour"],
      endpoints: [
        {
          port: "https",
          scheme: "https",
          path: actuator.metrics,
          interval: "15s",
          scrapeTimeout: "10s",
          tlsConfig: {
            serverName: hosts[key],
            ...(authoritySecret === undefined ? {} : { ca: { secret: { name: authoritySecret, key: "ca.crt" } } }),
          },
          // The application says itself which service it is, as `up` has to be told.
          honorLabels: true,
          relabelings: [
            { action: "replace", targetLabel: "job", replacement: scrapeJob(contract) },
            { action: "replace", targetLabel: "service", replacement: contract.name },
          ],
        },
      ],
    },
  });
}

/** Its figures name the certificate's namespace, which its own must not hide. */
function certManagerMonitor(namespace: string): ServiceMonitor {
  return new ServiceMonitor({
    metadata: { name: "cert-manager", namespace },
    spec: {
      namespaceSelector: { matchNames: [addOnIdentities.certManager.namespace] },
      selector: {
        matchLabels: { "app.kubernetes.io/component": "controller", "app.kubernetes.io/name": "cert-manager" },
      },
      endpoints: [{ port: "http-metrics", interval: "60s", honorLabels: true }],
    },
  });
}
