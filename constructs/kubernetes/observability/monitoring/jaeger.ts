import { PersistentVolumeClaimV1 } from "@cdktf/provider-kubernetes/lib/persistent-volume-claim-v1";
import { Construct } from "constructs";
import type { HelmAddOnProps } from "../../add-ons/helm-add-on-props";
import { resources, restricted } from "../../add-ons/pod-values";
import { HelmRelease } from "../../helm/helm-release";
import type { Chart } from "../../helm/helm-release";
import { monitoringServices } from "../../../../config/monitoring-services";

const chart: Chart = {
  name: "jaeger",
  repository: "https://jaegertracing.github.io/helm-charts",
  version: "4.11.1",
};

const { name, port } = monitoringServices.jaeger;

/** User and group of the image. */
const JAEGER = 10001;

const FOLDER = "/badger";

export interface JaegerProps extends HelmAddOnProps {
  readonly namespace: string;
  readonly retentionDays: number;
  /** GiB. */
  readonly storageGiB: number;
}

/**
 * Takes traces by OTLP over HTTP and keeps them on a volume of its own: they survive a restart, and it has one pod.
 * Services go on without it.
 */
export class Jaeger extends Construct {
  constructor(scope: Construct, id: string, props: JaegerProps) {
    super(scope, id);
    const { charts, placement, namespace, after } = props;
    const claim = new PersistentVolumeClaimV1(this, "Volume", {
      metadata: { name: "jaeger-traces", namespace },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: `${props.storageGiB}Gi` } },
      },
      // It is bound when its first pod is placed.
      waitUntilBound: false,
    });
    const values = {
      fullnameOverride: name,
      userconfig: configuration(props.retentionDays),
      jaeger: {
        ...placement,
        resources: resources({ cpu: "100m", memory: "512Mi" }, { cpu: "1000m", memory: "2Gi" }),
        serviceAccount: { automountServiceAccountToken: false },
        podSecurityContext: { ...restricted.pod, runAsUser: JAEGER, runAsGroup: JAEGER, fsGroup: JAEGER },
        securityContext: restricted.container,
        extraVolumes: [
          { name: "traces", persistentVolumeClaim: { claimName: claim.metadata.name } },
          { name: "tmp", emptyDir: {} },
        ],
        extraVolumeMounts: [
          { name: "traces", mountPath: FOLDER },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    };
    new HelmRelease(this, "Chart", { chart, charts, namespace, values, after });
  }
}

/** Jaeger's own configuration, in the form of an OpenTelemetry collector. */
function configuration(retentionDays: number) {
  const store = "traces";
  return {
    service: {
      extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
      pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["jaeger_storage_exporter"] } },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: "0.0.0.0:13133" } },
      jaeger_query: { storage: { traces: store }, http: { endpoint: "0.0.0.0:16686" } },
      jaeger_storage: {
        backends: {
          [store]: {
            badger: {
              directories: { keys: `${FOLDER}/keys`, values: `${FOLDER}/values` },
              ephemeral: false,
              ttl: { spans: `${retentionDays * 24}h` },
            },
          },
        },
      },
    },
    receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${port}` } } } },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: store } },
  };
}
