import { DeploymentV1, type DeploymentV1SpecTemplateSpecContainer } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { HorizontalPodAutoscalerV2 } from "@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { actuator, type ServiceContract } from "../../app/packages/contract/services";
import { type Colour, colours } from "../../config/schema/release-state";
import { autoscalerName, deploymentName } from "../platform/names";
import { pascalCase } from "../support/pascal-case";
import {
  applicationContainer,
  type ApplicationContainer,
  applicationPod,
  CERTIFICATE_FOLDER,
  type PodProps,
  type Probe,
} from "./pod";
import type { CurrentRelease } from "./release";

/** Seconds a pod goes on serving after it was told to leave: the load balancer needs them to stop sending. */
const PRE_STOP_SECONDS = 10;

/** The image's own Node, as distroless has it. */
const NODE = "/nodejs/bin/node";

/** Seconds that the application takes at most to end what it was doing. */
const APPLICATION_DRAIN_SECONDS = 25;

/** Seconds until a process that never answers is given up; probes begin when it has answered once. */
const STARTUP = { periodSeconds: 2, failureThreshold: 60 };

export interface Autoscaling {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Average use of what is requested, percent. */
  readonly cpuPercent: number;
  readonly memoryPercent: number;
}

export interface BlueGreenServiceProps {
  readonly contract: ServiceContract;
  readonly namespace: string;
  readonly release: CurrentRelease;
  /** Image of a colour that was never released. */
  readonly firstImage: string;
  readonly pod: Omit<PodProps, "terminationGracePeriodSeconds">;
  readonly container: Pick<ApplicationContainer, "env" | "requests" | "limits">;
  /** Pods of the live colour; with autoscaling, only at creation. */
  readonly replicas: number;
  /** @default the number of pods is fixed */
  readonly autoscaling?: Autoscaling;
  readonly liveness: Probe;
  readonly readiness: Probe;
  /** Pods that may be away at once while nodes are drained. */
  readonly maxUnavailable: number;
  /** Changes whenever the pods have to be made anew, beside their image and settings. */
  readonly revision: string;
  /** What must have succeeded before any pod changes. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * One service of the application as two Deployments, blue and green, each with a Service of its own. Both always
 * exist; the release says which one has pods, and the load balancer's weights which one gets requests.
 */
export class BlueGreenService extends Construct {
  /** Name of the Kubernetes Service of each colour. */
  readonly serviceNames: Readonly<Record<Colour, string>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: BlueGreenServiceProps,
  ) {
    super(scope, id);
    const names = colours.map((colour) => [colour, this.deploy(colour)] as const);
    this.serviceNames = Object.fromEntries(names) as Record<Colour, string>;
  }

  private deploy(colour: Colour): string {
    const { contract, namespace, replicas, autoscaling, release, maxUnavailable } = this.props;
    const name = deploymentName(contract, colour);
    const labels = { app: `${contract.name}-service`, colour };
    const metadata = { name, namespace, labels };

    new DeploymentV1(this, pascalCase(colour, "deployment"), {
      metadata,
      waitForRollout: true,
      spec: {
        replicas: String(release.replicas(colour, contract.name, autoscaling?.minReplicas ?? replicas)),
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: 600,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "1", maxUnavailable: "0" } },
        template: {
          metadata: { labels, annotations: { "bist-trading.com/revision": this.props.revision } },
          spec: {
            ...applicationPod(
              { ...this.props.pod, terminationGracePeriodSeconds: PRE_STOP_SECONDS + APPLICATION_DRAIN_SECONDS },
              this.container(colour),
            ),
            topologySpreadConstraint: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
              maxSkew: 1,
              topologyKey,
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: [{ matchLabels: labels }],
            })),
          },
        },
      },
      dependsOn: [...this.props.after],
      // The autoscaler owns the number from the first minute on, and a release the idle colour's.
      ...(autoscaling === undefined ? {} : { lifecycle: { ignoreChanges: ["spec[0].replicas"] } }),
    });
    new ServiceV1(this, pascalCase(colour, "service"), {
      metadata,
      spec: {
        type: "ClusterIP",
        selector: labels,
        port: [{ name: "https", port: contract.port, targetPort: String(contract.port), protocol: "TCP" }],
      },
    });
    new PodDisruptionBudgetV1(this, pascalCase(colour, "disruptionBudget"), {
      metadata,
      spec: { maxUnavailable: String(maxUnavailable), selector: { matchLabels: labels } },
    });
    if (autoscaling !== undefined) this.autoscale(colour, name, autoscaling);
    return name;
  }

  /** An autoscaler leaves a Deployment alone that was scaled to zero: the idle colour stays idle. */
  private autoscale(colour: Colour, name: string, autoscaling: Autoscaling): void {
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

  private container(colour: Colour): DeploymentV1SpecTemplateSpecContainer {
    const { contract, container, release, firstImage, pod } = this.props;
    const scheme = pod.secrets.certificate === undefined ? "HTTP" : "HTTPS";
    const httpGet = (path: string) => ({ path, port: String(contract.port), scheme });
    return {
      ...applicationContainer({
        ...container,
        name: contract.name,
        image: release.image(colour, firstImage),
        args: [`${contract.name}.js`],
        env: {
          ...container.env,
          ...(scheme === "HTTP"
            ? {}
            : { TLS_CERTIFICATE_PATH: `${CERTIFICATE_FOLDER}/tls.crt`, TLS_KEY_PATH: `${CERTIFICATE_FOLDER}/tls.key` }),
        },
      }),
      port: [{ name: "https", containerPort: contract.port, protocol: "TCP" }],
      startupProbe: { httpGet: httpGet(actuator.liveness), timeoutSeconds: 2, ...STARTUP },
      livenessProbe: { httpGet: httpGet(actuator.liveness), ...this.props.liveness },
      readinessProbe: { httpGet: httpGet(actuator.readiness), ...this.props.readiness },
      // The image has no shell to sleep in.
      lifecycle: {
        preStop: [{ exec: { command: [NODE, "-e", `setTimeout(() => {}, ${PRE_STOP_SECONDS * 1000})`] } }],
      },
    };
  }
}
