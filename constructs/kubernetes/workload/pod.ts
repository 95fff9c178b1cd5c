import type {
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecContainer,
} from "@cdktf/provider-kubernetes/lib/deployment-v1";
import type { SecretFiles } from "../secrets/application-secret-files";

/** User and group of the application's image; distroless calls it `nonroot`. */
const NONROOT = "65532";

/** Where a pod finds its secrets: one file a key, in memory. */
export const SECRETS_FOLDER = "/run/secrets/app";

/** Where a pod finds the certificate that it shows to the load balancer. */
export const CERTIFICATE_FOLDER = "/run/secrets/tls";

/** Where a pod finds the certificate of the authority that signs for the time series' own server. */
export const TIME_SERIES_AUTHORITY_FOLDER = "/run/secrets/time-series";

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
  /** Plain settings of its own. @default those of every pod */
  readonly env?: Readonly<Record<string, string>>;
  readonly requests: Resources;
  readonly limits: Resources;
}

/** A certificate that pods show, below {@link CERTIFICATE_FOLDER}. */
export interface PodCertificate {
  readonly secretName: string;
  /** Whether everybody knows the authority that signed it; else pods are told to trust the one beside it. */
  readonly publiclyTrusted: boolean;
}

export interface PodProps {
  readonly serviceAccount: string;
  /** Name of the ConfigMap with the settings that every pod has. */
  readonly configMap: string;
  /** Secret settings, one file a variable, below {@link SECRETS_FOLDER}. */
  readonly secrets: SecretFiles;
  /** @default none: the pod serves nobody, or plain HTTP */
  readonly certificate?: PodCertificate;
  /** Secret whose `ca.crt` signs for the time series' own server. @default the pod does not connect to one */
  readonly timeSeriesAuthority?: string | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** Seconds between SIGTERM and SIGKILL. */
  readonly terminationGracePeriodSeconds: number;
  /** Mount path of an empty folder for what a process writes, by volume name. */
  readonly scratch: Readonly<Record<string, string>>;
  /** Address of a host that this pod must not ask DNS for. @default none */
  readonly hosts?: Readonly<Record<string, string>> | undefined;
}

/** A taint that a pod accepts. */
export interface Toleration {
  readonly key: string;
  readonly operator: "Equal";
  readonly value: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

interface SecretFolder {
  readonly name: string;
  readonly mountPath: string;
  readonly secretName: string;
  /** Keys, and their files. @default all */
  readonly items?: readonly { readonly key: string; readonly path: string }[];
}

const AUTHORITY_FILE = "ca.crt";

/** The file in {@link TIME_SERIES_AUTHORITY_FOLDER}. */
export const TIME_SERIES_AUTHORITY = `${TIME_SERIES_AUTHORITY_FOLDER}/${AUTHORITY_FILE}`;

/**
 * A pod of the application under the `restricted` Pod Security standard: no root, no added right, no writable root
 * file system, no token of the service account, secrets as files (CIS EKS 4.4.1).
 */
export function applicationPod(
  pod: PodProps,
  container: ApplicationContainer,
  more: Partial<DeploymentV1SpecTemplateSpecContainer> = {},
): DeploymentV1SpecTemplateSpec {
  const secretFolders: readonly SecretFolder[] = [
    { name: "settings", mountPath: SECRETS_FOLDER, secretName: pod.secrets.secretName },
    ...(pod.certificate === undefined
      ? []
      : [{ name: "certificate", mountPath: CERTIFICATE_FOLDER, secretName: pod.certificate.secretName }]),
    ...(pod.timeSeriesAuthority === undefined
      ? []
      : [
          {
            name: "time-series-authority",
            mountPath: TIME_SERIES_AUTHORITY_FOLDER,
            secretName: pod.timeSeriesAuthority,
            // Its key is nothing that a client needs.
            items: [{ key: AUTHORITY_FILE, path: AUTHORITY_FILE }],
          },
        ]),
  ];
  return {
    serviceAccountName: pod.serviceAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: pod.nodeSelector,
    toleration: [...pod.tolerations],
    terminationGracePeriodSeconds: pod.terminationGracePeriodSeconds,
    hostAliases: Object.entries(pod.hosts ?? {}).map(([host, ip]) => ({ hostnames: [host], ip })),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: NONROOT,
      runAsGroup: NONROOT,
      fsGroup: NONROOT,
      seccompProfile: { type: "RuntimeDefault" },
    },
    container: [
      {
        name: container.name,
        image: container.image,
        imagePullPolicy: "IfNotPresent",
        args: [...container.args],
        envFrom: [{ configMapRef: { name: pod.configMap } }],
        env: Object.entries({ ...fileSettings(pod), ...container.env }).map(([name, value]) => ({ name, value })),
        resources: { requests: { ...container.requests }, limits: { ...container.limits } },
        // What a failed process said last, where `kubectl describe` shows it.
        terminationMessagePolicy: "FallbackToLogsOnError",
        ...more,
        securityContext: {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
        },
        volumeMount: [
          ...secretFolders.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
          ...Object.entries(pod.scratch).map(([name, mountPath]) => ({ name, mountPath })),
        ],
      },
    ],
    volume: [
      ...secretFolders.map(({ name, secretName, items }) => ({
        name,
        secret: { secretName, defaultMode: "0440", ...(items === undefined ? {} : { items: [...items] }) },
      })),
      ...Object.keys(pod.scratch).map((name) => ({ name, emptyDir: { sizeLimit: "256Mi" } })),
    ],
  };
}

/** Tells the application where its files are: `NAME_FILE` stands for `NAME`. */
function fileSettings({ secrets, certificate }: PodProps): Record<string, string> {
  const secretFiles = secrets.variables.map(
    (variable) => [`${variable}_FILE`, `${SECRETS_FOLDER}/${variable}`] as const,
  );
  return {
    ...Object.fromEntries(secretFiles),
    ...(certificate === undefined
      ? {}
      : { TLS_CERTIFICATE_PATH: `${CERTIFICATE_FOLDER}/tls.crt`, TLS_KEY_PATH: `${CERTIFICATE_FOLDER}/tls.key` }),
    ...(certificate === undefined || certificate.publiclyTrusted
      ? {}
      : { NODE_EXTRA_CA_CERTS: `${CERTIFICATE_FOLDER}/ca.crt` }),
  };
}
