import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { PersistentVolumeClaimV1 } from "@cdktf/provider-kubernetes/lib/persistent-volume-claim-v1";
import { GrafanaAccess } from "../../../../../constructs/kubernetes/observability/monitoring/grafana-access";
import { Jaeger } from "../../../../../constructs/kubernetes/observability/monitoring/jaeger";
import { MonitoringPolicies } from "../../../../../constructs/kubernetes/observability/monitoring/monitoring-policies";
import { PrometheusStack } from "../../../../../constructs/kubernetes/observability/monitoring/prometheus-stack";
import { ServiceMonitors } from "../../../../../constructs/kubernetes/observability/monitoring/service-monitors";
import { TimeSeriesMonitors } from "../../../../../constructs/kubernetes/observability/monitoring/time-series-monitors";
import { releases, valuesOf } from "../../../../support/helm";
import type { Values } from "../../../../support/helm";
import { only, resources, testStack } from "../../../../support/template";
import { timescaledb } from "../../../../support/time-series";

const chart = {
  charts: { from: "publishers" },
  placement: { nodeSelector: { NodeType: "database" }, tolerations: [] },
  namespace: "monitoring",
} as const;
const at = (values: Values, ...path: readonly string[]) =>
  path.reduce<unknown>((value, key) => (value as Values)[key], values) as Values;

describe("PrometheusStack", () => {
  const stack = testStack();
  new PrometheusStack(stack, "Prometheus", {
    ...chart,
    nodeNamespace: "node-monitoring",
    retentionDays: 30,
    storageGiB: 100,
    alertmanager: { region: "us-east-1", topicArn: "arn:aws:sns:us-east-1:111122223333:alarms" },
    grafana: { host: "monitor.example.com", adminSecret: "grafana-admin", certificateSecret: "grafana-tls" },
  });
  const values = valuesOf(stack, "kube-prometheus-stack");

  test("keeps what it is told to, and drops the oldest before its volume is full", () => {
    expect(at(values, "prometheus", "prometheusSpec")).toMatchObject({
      replicas: 2,
      retention: "30d",
      retentionSize: "85GiB",
      storageSpec: { volumeClaimTemplate: { spec: { resources: { requests: { storage: "100Gi" } } } } },
    });
  });

  test("takes monitors and rules from every release", () => {
    const spec = at(values, "prometheus", "prometheusSpec");
    expect(spec["serviceMonitorSelectorNilUsesHelmValues"]).toBe(false);
    expect(spec["ruleSelectorNilUsesHelmValues"]).toBe(false);
  });

  test("sends alerts to the operators' topic with the rights of its own pod", () => {
    expect(at(values, "alertmanager")).toMatchObject({
      serviceAccount: { name: "alertmanager" },
      alertmanagerSpec: { replicas: 2 },
      config: {
        route: { receiver: "operators" },
        receivers: [
          { name: "nobody" },
          {
            name: "operators",
            sns_configs: [
              {
                topic_arn: "arn:aws:sns:us-east-1:111122223333:alarms",
                sigv4: { region: "us-east-1" },
                send_resolved: true,
              },
            ],
          },
        ],
      },
    });
  });

  test("shows Grafana over TLS only, with a password that is in no value", () => {
    const grafana = at(values, "grafana");
    expect(grafana).toMatchObject({
      admin: { existingSecret: "grafana-admin" },
      readinessProbe: { httpGet: { scheme: "HTTPS" } },
      rbac: { namespaced: true },
      "grafana.ini": { server: { protocol: "https", domain: "monitor.example.com", http_port: 3000 } },
    });
    expect(JSON.stringify(grafana)).not.toMatch(/"adminPassword"|"password":/);
  });

  test("runs on one group of nodes, but for the exporter that runs on all", () => {
    for (const path of [
      ["prometheus", "prometheusSpec"],
      ["alertmanager", "alertmanagerSpec"],
      ["prometheusOperator"],
      ["grafana"],
      ["kube-state-metrics"],
    ]) {
      expect([path, at(values, ...path)["nodeSelector"]]).toEqual([path, { NodeType: "database" }]);
    }
    expect(at(values, "prometheus-node-exporter")).toMatchObject({ namespaceOverride: "node-monitoring" });
    expect(at(values, "prometheus-node-exporter")).not.toHaveProperty("nodeSelector");
  });

  test("does not look for what EKS hides, and counts no secrets", () => {
    for (const part of ["kubeEtcd", "kubeScheduler", "kubeControllerManager", "kubeProxy"]) {
      expect([part, values[part]]).toEqual([part, { enabled: false }]);
    }
    expect(at(values, "kube-state-metrics")["collectors"]).not.toContain("secrets");
  });
});

describe("Jaeger", () => {
  test("keeps traces on a volume of its own for as many days as it is told", () => {
    const stack = testStack();
    new Jaeger(stack, "Jaeger", { ...chart, retentionDays: 7, storageGiB: 50 });
    expect(only(stack, PersistentVolumeClaimV1)).toMatchObject({
      spec: { resources: { requests: { storage: "50Gi" } } },
      wait_until_bound: false,
    });
    const values = valuesOf(stack, "jaeger");
    expect(at(values, "userconfig", "extensions", "jaeger_storage", "backends", "traces", "badger")).toEqual({
      directories: { keys: "/badger/keys", values: "/badger/values" },
      ephemeral: false,
      ttl: { spans: "168h" },
    });
    expect(at(values, "userconfig", "receivers", "otlp", "protocols")).toEqual({ http: { endpoint: "0.0.0.0:4318" } });
    expect(at(values, "jaeger")["extraVolumeMounts"]).toEqual(
      expect.arrayContaining([{ name: "traces", mountPath: "/badger" }]),
    );
  });
});

describe("GrafanaAccess", () => {
  test("binds the target group, has the host's certificate issued and copies the password", () => {
    const stack = testStack();
    const access = new GrafanaAccess(stack, "Access", {
      namespace: "monitoring",
      region: "us-east-1",
      host: "monitor.example.com",
      issuer: "letsencrypt-prod",
      adminSecret: "prod/grafana",
      targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/monitor/1",
    });
    expect(valuesOf(stack, "grafana-access")["objects"]).toMatchObject([
      { kind: "SecretStore" },
      {
        kind: "ExternalSecret",
        spec: {
          target: { name: access.adminSecret },
          data: [{ remoteRef: { key: "prod/grafana", property: "username" } }, { secretKey: "password" }],
        },
      },
      {
        kind: "Certificate",
        spec: { dnsNames: ["monitor.example.com"], secretName: access.certificateSecret },
      },
      {
        kind: "TargetGroupBinding",
        spec: { serviceRef: { name: "grafana", port: 3000 }, targetType: "ip" },
      },
    ]);
  });
});

describe("ServiceMonitors", () => {
  const monitors = (authoritySecret?: string) => {
    const stack = testStack();
    new ServiceMonitors(stack, "Monitors", {
      namespace: "monitoring",
      applicationNamespace: "trading",
      hosts: {
        userManagement: "user.example.com",
        marketData: "market.example.com",
        brokerIntegration: "t.example.com",
      },
      authoritySecret,
      after: [],
    });
    return valuesOf(stack, "service-monitors")["objects"] as readonly Values[];
  };

  test("ask each pod of the services once, over TLS, and tell its colour", () => {
    expect(monitors()[1]).toMatchObject({
      metadata: { name: "market-data" },
      spec: {
        namespaceSelector: { matchNames: ["trading"] },
        selector: {
          matchLabels: { app: "market-data-service" },
          matchExpressions: [{ key: "colour", operator: "Exists" }],
        },
        targetLabels: ["colour"],
        endpoints: [
          {
            path: "/actuator/prometheus",
            scheme: "https",
            tlsConfig: { serverName: "market.example.com" },
            relabelings: [{ targetLabel: "job", replacement: "bist-trading-market-data" }, { targetLabel: "service" }],
          },
        ],
      },
    });
    expect(monitors()).toHaveLength(4);
  });

  test("check certificates with the cluster's own authority where there is one", () => {
    expect(JSON.stringify(monitors())).not.toContain("ca.crt");
    expect(monitors("grafana-tls")[0]).toMatchObject({
      spec: { endpoints: [{ tlsConfig: { ca: { secret: { name: "grafana-tls", key: "ca.crt" } } } }] },
    });
  });
});

describe("TimeSeriesMonitors", () => {
  const props = { namespace: "monitoring", applicationNamespace: "trading", after: [] };

  test("ask every instance, under the name of its cluster, and the operator", () => {
    const stack = testStack();
    new TimeSeriesMonitors(stack, "Monitors", { ...props, timeSeries: timescaledb });
    expect(valuesOf(stack, "time-series-monitors")["objects"]).toMatchObject([
      {
        kind: "PodMonitor",
        spec: {
          namespaceSelector: { matchNames: ["trading"] },
          selector: { matchLabels: { "cnpg.io/podRole": "instance" } },
          podMetricsEndpoints: [
            {
              port: "metrics",
              honorLabels: true,
              relabelings: [{ sourceLabels: ["__meta_kubernetes_pod_label_cnpg_io_cluster"], targetLabel: "cluster" }],
            },
          ],
        },
      },
      { kind: "PodMonitor", spec: { namespaceSelector: { matchNames: ["cnpg-system"] } } },
    ]);
  });

  test("are none where the time series are in the database on RDS", () => {
    const stack = testStack();
    new TimeSeriesMonitors(stack, "Monitors", { ...props, timeSeries: { in: "database" } });
    expect([...releases(stack).keys()]).toEqual([]);
  });
});

describe("MonitoringPolicies", () => {
  const stack = testStack();
  new MonitoringPolicies(stack, "Policies", {
    namespace: "monitoring",
    applicationNamespace: "trading",
    publicSubnets: ["10.0.1.0/24"],
    privateSubnets: ["10.0.10.0/24"],
  });
  const policies = new Map(
    resources(stack, NetworkPolicyV1).map((policy) => [
      (policy["metadata"] as Values)["name"],
      policy["spec"] as Values,
    ]),
  );

  test("deny everything that no row lets in", () => {
    expect(policies.get("default-deny")).toMatchObject({ pod_selector: {}, policy_types: ["Ingress"] });
    expect(policies.get("default-deny")).not.toHaveProperty("ingress");
  });

  test("let the load balancer to Grafana and the application to Jaeger, on their ports alone", () => {
    expect(policies.get("grafana")).toMatchObject({
      ingress: [{ from: [{ ip_block: { cidr: "10.0.1.0/24" } }], ports: [{ port: "3000" }] }],
    });
    expect(policies.get("jaeger")).toMatchObject({
      ingress: [
        {
          from: [{ namespace_selector: { match_labels: { "kubernetes.io/metadata.name": "trading" } } }],
          ports: [{ port: "4318" }],
        },
      ],
    });
  });

  test("let nobody from outside to Prometheus", () => {
    expect(JSON.stringify([...policies])).not.toContain("9090");
  });
});
