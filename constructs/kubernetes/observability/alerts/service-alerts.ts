import { metrics } from "../../../../app/packages/contract/metrics";
import { serviceKeys, services } from "../../../../app/packages/contract/services";
import type { ServiceContract } from "../../../../app/packages/contract/services";
import { colours } from "../../../../config/schema/release-state";
import { APPLICATION_JOBS, select, series } from "../promql";
import { deploymentName } from "../../../../config/names";
import type { AlertGroup } from "./alert";

/** The setup guide's thresholds, percent. */
const ERRORS_PERCENT = 5;
const POOL_PERCENT = 90;

const rateByService = (selected: string) => `sum by (service) (rate(${selected}[5m]))`;

/** The load balancer's health check is the pods' own: a service without one that is ready has no healthy target. */
function withoutReadyPod(namespace: string, contract: ServiceContract): string {
  const deployment = new RegExp(colours.map((colour) => deploymentName(contract, colour)).join("|"));
  const ready = select("kube_deployment_status_replicas_available", { namespace, deployment });
  return `label_replace(sum(${ready}) == 0, "service", "${contract.name}", "", "")`;
}

/**
 * @param namespace of the application
 */
export const serviceAlerts = (namespace: string): AlertGroup => ({
  name: "services",
  alerts: [
    {
      name: "ServiceDown",
      expression: `${select("up", { job: APPLICATION_JOBS })} == 0`,
      forMinutes: 2,
      severity: "critical",
      summary: "{{ $labels.pod }} of {{ $labels.job }} does not answer",
    },
    {
      name: "NoHealthyTargets",
      expression: serviceKeys.map((key) => withoutReadyPod(namespace, services[key])).join(" or "),
      forMinutes: 1,
      severity: "critical",
      summary: "No pod of {{ $labels.service }} is ready: the load balancer has no healthy target for it",
    },
    {
      name: "HighErrorRate",
      expression:
        rateByService(series(metrics.httpRequests, { status: /5../ })) +
        ` / ${rateByService(series(metrics.httpRequests))} * 100 > ${ERRORS_PERCENT}`,
      forMinutes: 5,
      severity: "warning",
      summary: "{{ $labels.service }} answers {{ $value | humanize }} % of its requests with an error of its own",
    },
    {
      name: "DatabaseConnectionPoolExhausted",
      expression:
        `${series(metrics.databaseConnectionsActive)} / ${series(metrics.databaseConnectionsMax)}` +
        ` * 100 > ${POOL_PERCENT}`,
      forMinutes: 3,
      severity: "critical",
      summary:
        "{{ $labels.pod }} of {{ $labels.service }} has {{ $value | humanize }} % of its {{ $labels.database }} connections in use",
    },
    {
      name: "CacheNotShared",
      // A fail-over takes a minute or two.
      expression: `${series(metrics.cacheUp)} == 0`,
      forMinutes: 5,
      severity: "warning",
      summary:
        "{{ $labels.pod }} of {{ $labels.service }} keeps to its own memory: Redis takes no writes, or brings no messages",
    },
  ],
});
