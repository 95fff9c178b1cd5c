import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import type { DeploymentV1SpecTemplateSpec } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { HorizontalPodAutoscalerV2 } from "@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ServiceV1Metadata } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { actuator } from "../../../app/packages/contract/services";
import type { ServiceContract } from "../../../app/packages/contract/services";
import { colours } from "../../../config/schema/release-state";
import type { Colour } from "../../../config/schema/release-state";
import { podsAtLeast, SURGE_PERCENT } from "../../../config/schema/trading";
import type { ServiceSettings } from "../../../config/schema/trading";
import { CustomObjects } from "../custom-objects/custom-objects";
import { TargetGroupBinding } from "../custom-objects/target-group-binding";
import { autoscalerName, deploymentName, RESTARTED_AT, serviceName } from "../../../config/names";
import { pascalCase } from "../../support/pascal-case";
import { noteOptOut } from "../../support/protection";
import { applicationPod } from "./pod";
import type { PodProps, Probe } from "./pod";
import type { CurrentRelease } from "./release";

/** Seconds a pod goes on serving after it was told to leave: the load balancer needs them to stop sending. */
const PRE_STOP_SECONDS = 10;

/** The image's own Node, as distroless has it. */
const NODE = "/nodejs/bin/node";

/** Seconds that the application takes at most to end what it was doing. */
const APPLICATION_DRAIN_SECONDS = 25;

/** Seconds until a process that never answers is given up; probes begin when it has answered once. */
const STARTUP = { periodSeconds: 2, failureThreshold: 60 };

/** Pods change a quarter at a time, each after its probes' first delays. */
const ROLLOUT_TIMEOUT = "15m";

export interface BlueGreenServiceProps {
  readonly contract: ServiceContract;
  readonly namespace: string;
  readonly release: CurrentRelease;
  /** Image of a colour that was never released. */
  readonly firstImage: string;
  readonly pod: Omit<PodProps, "terminationGracePeriodSeconds">;
  readonly settings: ServiceSettings;
  /** Changes whenever the pods have to be made anew, beside their image and settings. */
  readonly revision: string;
  /** ARN of each colour's target group. */
  readonly targetGroups: Readonly<Record<Colour, string>>;
  /** What must have succeeded before any pod changes. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * One service of the application as two Deployments, blue and green, each with a Service and a target group of its own.
 * Both always exist; the release says which one has pods, and the load balancer's weights which one gets requests.
 * Inside of the cluster a third Service leads to the pods of either colour.
 */
export class BlueGreenService extends Construct {
  /** Where pods reach the service, whatever its colour: an IP address. */
  readonly address: string;

  private readonly labels: { readonly app: string };

  constructor(
    scope: Construct,
    id: string,
    private readonly props: BlueGreenServiceProps,
  ) {
    super(scope, id);
    const { contract } = props;
    this.labels = { app: serviceName(contract) };
    this.address = this.service("Service", { name: serviceName(contract) }, this.labels).spec.clusterIp;

    const targets = this.targets();
    for (const colour of colours) this.deploy(colour, targets);
  }

  private service(id: string, metadata: ServiceV1Metadata, selector: Record<string, string>): ServiceV1 {
    const { contract, namespace } = this.props;
    return new ServiceV1(this, id, {
      metadata: { ...metadata, namespace },
      spec: {
        type: "ClusterIP",
        selector,
        port: [{ name: "https", port: contract.port, targetPort: String(contract.port), protocol: "TCP" }],
      },
    });
  }

  /**
   * Binds each colour's pods to its target group. The load balancer's controller holds new pods back until their target
   * is healthy, if it knows by then that they will be targets.
   */
  private targets(): ITerraformDependable {
    const { contract, namespace, targetGroups } = this.props;
    const bindings = colours.map((colour) => {
      const name = deploymentName(contract, colour);
      const labels = { ...this.labels, colour };
      const service = this.service(pascalCase(colour, "service"), { name, labels }, labels);
      return new TargetGroupBinding({
        name,
        namespace,
        service: { name: service.metadata.name, port: contract.port },
        targetGroupArn: targetGroups[colour],
      });
    });
    const releaseName = `${contract.name}-targets`;
    return new CustomObjects(this, "Targets", { releaseName, namespace, objects: bindings }).release;
  }

  private deploy(colour: Colour, targets: ITerraformDependable): void {
    const { contract, namespace, release, settings } = this.props;
    const { autoscaling, maxUnavailable } = settings;
    const name = deploymentName(contract, colour);
    const labels = { ...this.labels, colour };
    const metadata = { name, namespace, labels };

    const deployment = new DeploymentV1(this, pascalCase(colour, "deployment"), {
      metadata,
      waitForRollout: true,
      spec: {
        replicas: String(release.replicas(colour, contract.name, podsAtLeast(settings))),
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: 600,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: `${SURGE_PERCENT}%`, maxUnavailable: "0" } },
        template: {
          metadata: { labels, annotations: { "bist-trading.com/revision": this.props.revision } },
          spec: {
            ...this.pod(colour),
            topologySpreadConstraint: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
              maxSkew: 1,
              topologyKey,
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: [{ matchLabels: labels }],
            })),
          },
        },
      },
      dependsOn: [targets, ...this.props.after],
      timeouts: { create: ROLLOUT_TIMEOUT, update: ROLLOUT_TIMEOUT },
      lifecycle: {
        ignoreChanges: [
          `spec[0].template[0].metadata[0].annotations["${RESTARTED_AT}"]`,
          // The autoscaler owns the number from the first minute on, and a release the idle colour's.
          ...(autoscaling === undefined ? [] : ["spec[0].replicas"]),
        ],
      },
    });
    noteOptOut(deployment, "CKV_K8S_15", {
      reason: "A tag of the repository never moves, and a node that has an image need not reach the registry.",
    });
    new PodDisruptionBudgetV1(this, pascalCase(colour, "disruptionBudget"), {
      metadata,
      spec: { maxUnavailable: String(maxUnavailable), selector: { matchLabels: labels } },
    });
    if (autoscaling !== undefined) this.autoscale(colour, name, autoscaling);
  }

  /** An autoscaler leaves a Deployment alone that was scaled to zero: the idle colour stays idle. */
  private autoscale(colour: Colour, name: string, autoscaling: NonNullable<ServiceSettings["autoscaling"]>): void {
    const { contract, namespace, release } = this.props;
    const utilization = (resource: string, percent: number) => ({
      type: "Resource",
      resource: { name: resource, target: { type: "Utilization", averageUtilization: percent } },
    });
    new HorizontalPodAutoscalerV2(this, pascalCase(colour, "autoscaler"), {
      metadata: { name: autoscalerName(contract, colour), namespace },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
        minReplicas: release.scaled(contract.name, autoscaling.minReplicas),
        maxReplicas: autoscaling.maxReplicas,
        metric: [utilization("cpu", autoscaling.cpuPercent), utilization("memory", autoscaling.memoryPercent)],
      },
    });
  }

  private pod(colour: Colour): DeploymentV1SpecTemplateSpec {
    const { contract, release, firstImage, pod, settings } = this.props;
    const { requests, limits, liveness, readiness } = settings;
    const scheme = pod.certificate === undefined ? "HTTP" : "HTTPS";
    const httpGet = (path: string) => ({ path, port: String(contract.port), scheme });
    const probe = (path: string, { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold }: Probe) => ({
      httpGet: httpGet(path),
      initialDelaySeconds,
      periodSeconds,
      timeoutSeconds,
      failureThreshold,
    });
    return applicationPod(
      { ...pod, terminationGracePeriodSeconds: PRE_STOP_SECONDS + APPLICATION_DRAIN_SECONDS },
      {
        requests,
        limits,
        name: contract.name,
        image: release.image(colour, firstImage),
        args: [`${contract.name}.js`],
        env: { OTEL_SERVICE_NAME: contract.name },
      },
      {
        port: [{ name: "https", containerPort: contract.port, protocol: "TCP" }],
        startupProbe: { httpGet: httpGet(actuator.liveness), timeoutSeconds: 2, ...STARTUP },
        livenessProbe: probe(actuator.liveness, liveness),
        readinessProbe: probe(actuator.readiness, readiness),
        // The image has no shell to sleep in.
        lifecycle: {
          preStop: [{ exec: { command: [NODE, "-e", `setTimeout(() => {}, ${PRE_STOP_SECONDS * 1000})`] } }],
        },
      },
    );
  }
}
