import type {
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecContainer,
} from "@cdktf/provider-kubernetes/lib/deployment-v1";

/** User and group of the application's image; distroless calls it `nonroot`. */
const NONROOT = "65532";

/** Where a pod finds its secrets: one file a key, in memory. */
export const SECRETS_FOLDER = "/run/secrets/app";

/** Where a pod finds the certificate that it shows to the load balancer. */
export const CERTIFICATE_FOLDER = "/run/secrets/tls";

export interface Resources {
  /** Kubernetes quantities, for example `500m` and `1Gi`. */
  readonly cpu: string;
  readonly memory: string;
}

export interface Probe {
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

/** A container of the application's image. */
export interface ApplicationContainer {
  readonly name: string;
  readonly image: string;
  /** Which of the image's entry points to run, and with what. */
  readonly args: readonly string[];
  /** Plain settings; whatever is secret comes as a file. */
  readonly env: Readonly<Record<string, string>>;
  readonly requests: Resources;
  readonly limits: Resources;
}

/** Secrets that a pod reads as files, by the name of the Kubernetes Secret. */
export interface PodSecrets {
  /** Application settings, one file a key, below {@link SECRETS_FOLDER}. */
  readonly settings: string;
  /** TLS certificate and key, below {@link CERTIFICATE_FOLDER}. @default none */
  readonly certificate?: string;
}

export interface PodProps {
  readonly serviceAccount: string;
  readonly secrets: PodSecrets;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** Seconds between SIGTERM and SIGKILL. */
  readonly terminationGracePeriodSeconds: number;
  /** Mount path of an empty folder for what a process writes, by volume name. */
  readonly scratch: Readonly<Record<string, string>>;
}

/** A taint that a pod accepts. */
export interface Toleration {
  readonly key: string;
  readonly operator: "Equal";
  readonly value: string;
  readonly effect: "NoSchedule";
}

/**
 * A pod of the application under the `restricted` Pod Security standard: no root, no added right, no writable root
 * file system, no token of the service account, secrets as files (CIS EKS 4.4.1).
 */
export function applicationPod(
  pod: PodProps,
  container: DeploymentV1SpecTemplateSpecContainer,
): DeploymentV1SpecTemplateSpec {
  const { settings, certificate } = pod.secrets;
  return {
    serviceAccountName: pod.serviceAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: pod.nodeSelector,
    toleration: [...pod.tolerations],
    terminationGracePeriodSeconds: pod.terminationGracePeriodSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: NONROOT,
      runAsGroup: NONROOT,
      fsGroup: NONROOT,
      seccompProfile: { type: "RuntimeDefault" },
    },
    container: [
      {
        ...container,
        securityContext: {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
        },
        volumeMount: [
          { name: "settings", mountPath: SECRETS_FOLDER, readOnly: true },
          ...(certificate === undefined
            ? []
            : [{ name: "certificate", mountPath: CERTIFICATE_FOLDER, readOnly: true }]),
          ...Object.entries(pod.scratch).map(([name, mountPath]) => ({ name, mountPath })),
        ],
      },
    ],
    volume: [
      { name: "settings", secret: { secretName: settings, defaultMode: "0440" } },
      ...(certificate === undefined
        ? []
        : [{ name: "certificate", secret: { secretName: certificate, defaultMode: "0440" } }]),
      ...Object.keys(pod.scratch).map((name) => ({ name, emptyDir: { sizeLimit: "256Mi" } })),
    ],
  };
}

/** What every container of the image has, whether it serves or runs once. */
export function applicationContainer(props: ApplicationContainer): DeploymentV1SpecTemplateSpecContainer {
  return {
    name: props.name,
    image: props.image,
    imagePullPolicy: "IfNotPresent",
    args: [...props.args],
    env: Object.entries(props.env).map(([name, value]) => ({ name, value })),
    resources: {
      requests: { ...props.requests },
      limits: { ...props.limits },
    },
  };
}
