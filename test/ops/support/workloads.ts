import { serviceKeys, services } from "../../../app/packages/contract/services";
import { colours } from "../../../config/schema/release-state";
import { autoscalerName, deploymentName } from "../../../config/names";
import type { Kubectl, KubernetesObject } from "../../../local/kubernetes/kubectl";

/** Pods of the live colour before each test. */
export const livePods = { userManagement: 2, marketData: 3, brokerIntegration: 1 } as const;

/** As many as an autoscaler of the tests may bring. */
export const MOST_PODS = 6;

/** What a Deployment or a Job of the tests is made otherwise with. */
export interface Flaw {
  /** No node is like this: the pods wait for ever. */
  readonly unplaceable?: boolean;
}

const nowhere = { nodeSelector: { "bist-trading.test/node": "none" } };

/** The namespace as the trading stack leaves it, with blue live and nothing ever released. */
export function workloads(
  namespace: string,
  image: string,
  flaws: { readonly green?: Flaw; readonly job?: Flaw } = {},
) {
  const deployments = serviceKeys.flatMap((key) =>
    colours.map((colour) => {
      const name = deploymentName(services[key], colour);
      const labels = { app: services[key].name, colour };
      const flawed = colour === "green" && flaws.green?.unplaceable === true;
      return object("apps/v1", "Deployment", name, namespace, {
        replicas: colour === "blue" ? livePods[key] : 0,
        progressDeadlineSeconds: flawed ? 3 : 60,
        selector: { matchLabels: labels },
        template: pod(labels, [{ name: services[key].name, image }], flawed ? nowhere : {}),
      });
    }),
  );
  const autoscalers = colours.map((colour) =>
    object("autoscaling/v2", "HorizontalPodAutoscaler", autoscalerName(services.marketData, colour), namespace, {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deploymentName(services.marketData, colour) },
      minReplicas: livePods.marketData,
      maxReplicas: MOST_PODS,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      ],
    }),
  );
  const job = object("batch/v1", "Job", "database-bootstrap-first", namespace, {
    backoffLimit: 0,
    activeDeadlineSeconds: flaws.job?.unplaceable === true ? 2 : 600,
    template: pod(
      { app: "database-bootstrap" },
      [{ name: "database-bootstrap", image, args: ["bootstrap-database.js"] }],
      { restartPolicy: "Never", ...(flaws.job?.unplaceable === true ? nowhere : {}) },
    ),
  });
  return [...deployments, ...autoscalers, job];
}

/** Makes the namespace anew: nothing of the test before is left in it. */
export function resetWorkloads(kubectl: Kubectl, namespace: string, objects: readonly KubernetesObject[]): void {
  kubectl.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);
  kubectl.run([
    "delete",
    "deployments,horizontalpodautoscalers,jobs,pods",
    "--all",
    `--namespace=${namespace}`,
    "--wait",
    "--grace-period=0",
    "--force",
  ]);
  kubectl.apply(objects);
  const blue = [
    "wait",
    "deployments",
    "--selector=colour=blue",
    "--for=condition=Available",
    `--namespace=${namespace}`,
  ];
  kubectl.run([...blue, "--timeout=60s"]);
}

function object(apiVersion: string, kind: string, name: string, namespace: string, spec: object): KubernetesObject {
  const labels = (spec as { selector?: { matchLabels: Record<string, string> } }).selector?.matchLabels;
  return { apiVersion, kind, metadata: { name, namespace, ...(labels === undefined ? {} : { labels }) }, spec };
}

function pod(labels: Readonly<Record<string, string>>, containers: readonly object[], more: object) {
  const tolerations = [{ key: "application", operator: "Equal", value: "true", effect: "NoSchedule" }];
  return { metadata: { labels }, spec: { tolerations, containers, terminationGracePeriodSeconds: 0, ...more } };
}
