import { resources } from "../../add-ons/pod-values";
import type { Placement } from "../../add-ons/pod-values";
import { monitoringServices } from "../../../../config/monitoring-services";

export interface GrafanaProps {
  readonly placement: Placement;
  readonly namespace: string;
  readonly host: string;
  /** Kubernetes Secret with `username` and `password`. */
  readonly adminSecret: string;
  /** Kubernetes Secret with `tls.crt` and `tls.key`. */
  readonly certificateSecret: string;
}

const { name, port } = monitoringServices.grafana;
const CERTIFICATE_FOLDER = "/etc/grafana/tls";
const STORAGE_GIB = 10;

/** The side processes tell Grafana, in the same pod, that files have changed; its certificate names another host. */
const reload = (what: string) => ({
  reloadURL: `https://localhost:${port}/api/admin/provisioning/${what}/reload`,
  skipTlsVerify: true,
});

/**
 * Grafana for the administrators, over TLS from the load balancer on. Dashboards and data sources come from config
 * maps of its own namespace; its database, a file, holds who is signed in, and allows one pod.
 */
export function grafanaValues({ placement, namespace, host, adminSecret, certificateSecret }: GrafanaProps) {
  const probe = { path: "/api/health", port: "grafana", scheme: "HTTPS" };
  const configMaps = { resource: "configmap", searchNamespace: namespace };
  return {
    ...placement,
    fullnameOverride: name,
    rbac: { namespaced: true },
    admin: { existingSecret: adminSecret, userKey: "username", passwordKey: "password" },
    resources: resources({ cpu: "100m", memory: "256Mi" }, { cpu: "1000m", memory: "1Gi" }),
    // A volume belongs to one pod at a time: the old one ends first.
    deploymentStrategy: { type: "Recreate" },
    persistence: { enabled: true, size: `${STORAGE_GIB}Gi` },
    // It would run as root; the pod's group owns the volume anyway.
    initChownData: { enabled: false },
    testFramework: { enabled: false },
    enableServiceLinks: false,
    service: { port, targetPort: port, portName: "https" },
    readinessProbe: { httpGet: probe },
    livenessProbe: { httpGet: probe, initialDelaySeconds: 60, timeoutSeconds: 30, failureThreshold: 10 },
    serviceMonitor: { scheme: "https", tlsConfig: { serverName: host } },
    extraSecretMounts: [
      {
        name: "certificate",
        secretName: certificateSecret,
        mountPath: CERTIFICATE_FOLDER,
        defaultMode: 0o440,
        readOnly: true,
      },
    ],
    sidecar: {
      resources: resources({ cpu: "10m", memory: "96Mi" }, { cpu: "100m", memory: "192Mi" }),
      dashboards: { ...configMaps, ...reload("dashboards") },
      datasources: { ...configMaps, ...reload("datasources") },
    },
    defaultDashboardsTimezone: "Europe/Istanbul",
    additionalDataSources: [
      {
        name: "Jaeger",
        uid: "jaeger",
        type: "jaeger",
        access: "proxy",
        url: `http://${monitoringServices.jaeger.name}:16686`,
      },
    ],
    "grafana.ini": {
      server: {
        protocol: "https",
        http_port: port,
        domain: host,
        root_url: `https://${host}`,
        enforce_domain: false,
        cert_file: `${CERTIFICATE_FOLDER}/tls.crt`,
        cert_key: `${CERTIFICATE_FOLDER}/tls.key`,
        // A renewed certificate is taken up without a restart.
        certs_watch_interval: "1m",
      },
      security: {
        cookie_secure: true,
        cookie_samesite: "strict",
        disable_gravatar: true,
        strict_transport_security: true,
      },
      users: { allow_sign_up: false, default_timezone: "Europe/Istanbul" },
      "auth.anonymous": { enabled: false },
      analytics: { reporting_enabled: false, check_for_updates: false, check_for_plugin_updates: false },
    },
  };
}
