import { Release } from "@cdktf/provider-helm/lib/release";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import type { TerraformStack } from "cdktf";
import type { HelmAddOnProps } from "../../../../constructs/kubernetes/add-ons/helm-add-on-props";
import { CertManager } from "../../../../constructs/kubernetes/add-ons/cert-manager";
import { ClusterAutoscaler } from "../../../../constructs/kubernetes/add-ons/cluster-autoscaler";
import { ExternalSecrets } from "../../../../constructs/kubernetes/add-ons/external-secrets";
import { LoadBalancerController } from "../../../../constructs/kubernetes/add-ons/load-balancer-controller";
import { MetricsServer } from "../../../../constructs/kubernetes/add-ons/metrics-server";
import { PostgresOperator } from "../../../../constructs/kubernetes/add-ons/postgres-operator";
import type { TimeSeries } from "../../../../config/schema/time-series";
import { addOnIdentities } from "../../../../constructs/aws/cluster/workload-identities";
import { placementOn } from "../../../../constructs/kubernetes/workload/placement";
import { releases, valuesOf } from "../../../support/helm";
import type { Values } from "../../../support/helm";
import { resources, testStack } from "../../../support/template";
import { timescaledb } from "../../../support/time-series";

const props: HelmAddOnProps = {
  charts: { from: "publishers" },
  placement: placementOn({
    labels: { NodeType: "system" },
    taints: [{ key: "system", value: "true", effect: "NO_SCHEDULE" }],
  }),
};
const cluster = { clusterName: "prod", region: "us-east-1", vpcId: "vpc-1" };

const network = { vpcCidr: "10.0.0.0/16", privateSubnets: ["10.0.10.0/24"], serviceCidr: "172.20.0.0/16" };

const postgresOperator = (stack: TerraformStack, timeSeries: TimeSeries = timescaledb) =>
  new PostgresOperator(stack, "AddOn", {
    ...props,
    network,
    applicationNamespace: "trading",
    timeSeries,
  });

const addOns = {
  "cert-manager": (stack: TerraformStack) => new CertManager(stack, "AddOn", { ...props, network }),
  "aws-load-balancer-controller": (stack: TerraformStack) =>
    new LoadBalancerController(stack, "AddOn", { ...props, ...cluster }),
  "external-secrets": (stack: TerraformStack) => new ExternalSecrets(stack, "AddOn", { ...props, network }),
  "metrics-server": (stack: TerraformStack) => new MetricsServer(stack, "AddOn", props),
  "cluster-autoscaler": (stack: TerraformStack) => new ClusterAutoscaler(stack, "AddOn", { ...props, ...cluster }),
  "cloudnative-pg": (stack: TerraformStack) => postgresOperator(stack),
  "plugin-barman-cloud": (stack: TerraformStack) => postgresOperator(stack),
};
type Name = keyof typeof addOns;
const names = Object.keys(addOns) as Name[];

function stackOf(name: Name): TerraformStack {
  const stack = testStack();
  addOns[name](stack);
  return stack;
}

/** The chart's processes: each has its values in one object, the main one at the top. */
const processes: Readonly<Record<Name, readonly string[]>> = {
  "cert-manager": ["", "webhook", "cainjector"],
  "aws-load-balancer-controller": [""],
  "external-secrets": ["", "webhook", "certController"],
  "metrics-server": [""],
  "cluster-autoscaler": [""],
  "cloudnative-pg": [""],
  "plugin-barman-cloud": [""],
};
const each = names.flatMap((name) => processes[name].map((part): [Name, string] => [name, part]));
const partOf = (values: Values, part: string) => (part === "" ? values : (values[part] as Values));

describe("an add-on", () => {
  // The plugin has one, as only an elected one listens; the chart of its operator has no budget, so there is one beside it.
  test.each(each.filter(([name]) => !["cloudnative-pg", "plugin-barman-cloud"].includes(name)))(
    "%s %s has two pods that drains spare",
    (name, part) => {
      const values = partOf(valuesOf(stackOf(name), name), part);
      expect(values["replicaCount"] ?? values["replicas"]).toBe(2);
      expect(values["podDisruptionBudget"]).toMatchObject({ maxUnavailable: 1 });
    },
  );

  test.each(each)("%s %s says what its pods ask for and may take", (name, part) => {
    const values = partOf(valuesOf(stackOf(name), name), part);
    expect(values["resources"]).toEqual({
      requests: { cpu: expect.stringMatching(/^\d+m$/) as string, memory: expect.stringMatching(/Mi$/) as string },
      limits: { cpu: expect.stringMatching(/^\d+m$/) as string, memory: expect.stringMatching(/Mi$/) as string },
    });
  });

  test.each(each)("%s %s runs on the nodes of its group alone", (name, part) => {
    const values = valuesOf(stackOf(name), name);
    // External-secrets takes them for all of its processes at once.
    const placed =
      (values["global"] as Values | undefined)?.["nodeSelector"] === undefined
        ? partOf(values, part)
        : values["global"];
    expect(placed).toMatchObject({
      nodeSelector: { NodeType: "system" },
      tolerations: [{ key: "system", operator: "Equal", value: "true", effect: "NoSchedule" }],
    });
  });

  test("runs under the service account that its role in AWS is bound to", () => {
    const account = (name: Name) => {
      const values = valuesOf(stackOf(name), name);
      return ((values["serviceAccount"] ?? (values["rbac"] as Values)["serviceAccount"]) as Values)["name"];
    };
    expect(account("cert-manager")).toBe(addOnIdentities.certManager.serviceAccount);
    expect(account("external-secrets")).toBe(addOnIdentities.externalSecrets.serviceAccount);
    expect(account("cluster-autoscaler")).toBe(addOnIdentities.clusterAutoscaler.serviceAccount);
    expect(account("aws-load-balancer-controller")).toBe(addOnIdentities.loadBalancerController.serviceAccount);
  });

  test.each([
    ["cert-manager", "cert-manager"],
    ["external-secrets", "external-secrets"],
    ["cloudnative-pg", "cnpg-system"],
  ] as const)("%s has a namespace of its own, restricted", (name, namespace) => {
    expect(resources(stackOf(name), NamespaceV1)).toMatchObject([
      { metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
    ]);
  });

  test.each(names)("%s is pinned", (name) => {
    expect(releases(stackOf(name)).get(name)?.version).toMatch(/^v?\d+\.\d+\.\d+$/);
  });
});

/** The policies of an add-on by name: which pods, and rules as one line each. */
function policiesOf(name: Name) {
  return Object.fromEntries(
    resources(stackOf(name), NetworkPolicyV1).map((block) => {
      const { metadata, spec } = block as unknown as PolicyBlock;
      const { pod_selector: pods, policy_types: types, ingress = [], egress = [] } = spec;
      const line = (verb: string, peers: readonly Peer[], ports: readonly Port[]) =>
        `${verb} ${peers.map(nameOf).join(" ")} at ${ports.map(({ port, protocol }) => `${protocol} ${port}`).join(" ")}`;
      const rules = [
        ...ingress.map(({ from, ports }) => line("told by", from, ports)),
        ...egress.map(({ to, ports }) => line("tells", to, ports)),
      ];
      return [metadata.name, { pods: pods.match_labels, types, rules }];
    }),
  );
}
const nameOf = ({ ip_block, namespace_selector, pod_selector }: Peer) =>
  namespace_selector?.match_labels["kubernetes.io/metadata.name"] ??
  pod_selector?.match_labels["app.kubernetes.io/name"] ??
  [ip_block?.cidr, ...(ip_block?.except ?? []).map((cidr) => `but ${cidr}`)].join(" ");

interface PolicyBlock {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly pod_selector: { readonly match_labels?: Record<string, string> };
    readonly policy_types: readonly string[];
    readonly ingress?: readonly { readonly from: readonly Peer[]; readonly ports: readonly Port[] }[];
    readonly egress?: readonly { readonly to: readonly Peer[]; readonly ports: readonly Port[] }[];
  };
}
interface Peer {
  readonly ip_block?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly namespace_selector?: { readonly match_labels: Record<string, string> };
  readonly pod_selector?: { readonly match_labels: Record<string, string> };
}
interface Port {
  readonly port: string;
  readonly protocol: string;
}

describe("the network policies of an add-on", () => {
  const everything = {
    types: ["Egress"],
    rules: [
      "tells kube-system at UDP 53",
      "tells kube-system at TCP 53",
      "tells 10.0.10.0/24 172.20.0.0/16 at TCP 443",
    ],
  };
  const aws = ["tells 169.254.170.23/32 at TCP 80", "tells 0.0.0.0/0 but 10.0.0.0/16 at TCP 443"];
  const denied = { types: ["Ingress", "Egress"], rules: [] };
  const asked = { types: ["Ingress"], rules: ["told by 10.0.10.0/24 at TCP 10250"] };

  test("let cert-manager answer its webhook and metrics, and reach AWS and name servers from its controller alone", () => {
    const labels = (component: string) => ({
      "app.kubernetes.io/instance": "cert-manager",
      "app.kubernetes.io/component": component,
    });
    expect(policiesOf("cert-manager")).toEqual({
      "default-deny": denied,
      everything,
      controller: {
        pods: labels("controller"),
        types: ["Ingress", "Egress"],
        rules: [
          "told by monitoring at TCP 9402",
          ...aws,
          "tells 0.0.0.0/0 but 10.0.0.0/16 at UDP 53",
          "tells 0.0.0.0/0 but 10.0.0.0/16 at TCP 53",
        ],
      },
      webhook: { pods: labels("webhook"), ...asked },
    });
  });

  test("let external-secrets answer its webhook, and reach AWS from its controller alone", () => {
    expect(policiesOf("external-secrets")).toEqual({
      "default-deny": denied,
      everything,
      controller: { pods: { "app.kubernetes.io/name": "external-secrets" }, types: ["Egress"], rules: aws },
      webhook: { pods: { "app.kubernetes.io/name": "external-secrets-webhook" }, ...asked },
    });
  });

  test("let PostgreSQL's operator answer its webhook and metrics, and speak to instances and to its plugin", () => {
    const operator = { "app.kubernetes.io/name": "cloudnative-pg" };
    expect(policiesOf("cloudnative-pg")).toEqual({
      "default-deny": denied,
      everything,
      operator: {
        pods: operator,
        types: ["Ingress", "Egress"],
        rules: [
          "told by 10.0.10.0/24 at TCP 9443",
          "told by monitoring at TCP 8080",
          "tells trading at TCP 8000 TCP 5432",
          "tells plugin-barman-cloud at TCP 9090",
        ],
      },
      "barman-cloud": {
        pods: { "app.kubernetes.io/name": "plugin-barman-cloud" },
        types: ["Ingress"],
        rules: ["told by cloudnative-pg at TCP 9090"],
      },
    });
  });
});

describe("PostgresOperator", () => {
  test("is there only where the time series are in the cluster", () => {
    const stack = testStack();
    postgresOperator(stack, { in: "database" });
    expect([...releases(stack).keys(), ...resources(stack, NamespaceV1)]).toEqual([]);
  });

  test("has two pods that drains spare, and looks at the application's databases and its own plugins alone", () => {
    const stack = stackOf("cloudnative-pg");
    expect(valuesOf(stack, "cloudnative-pg")).toMatchObject({
      replicaCount: 2,
      additionalEnv: [
        {
          name: "WATCH_NAMESPACE",
          value: expect.stringMatching(/^trading,\$\{kubernetes_namespace_v1\.AddOn_/) as string,
        },
      ],
    });
    expect(resources(stack, PodDisruptionBudgetV1)).toMatchObject([
      { spec: { max_unavailable: "1", selector: { match_labels: { "app.kubernetes.io/name": "cloudnative-pg" } } } },
    ]);
  });

  test("is there before its plugin, which reads its kinds", () => {
    const found = resources(stackOf("plugin-barman-cloud"), Release) as unknown as ReleaseOrder[];
    const plugin = found.find(({ name }) => name === "plugin-barman-cloud");
    expect(plugin?.depends_on).toEqual([expect.stringMatching(/^helm_release\.\w+CloudNativePg_/)]);
    expect(valuesOf(stackOf("plugin-barman-cloud"), "plugin-barman-cloud")).toMatchObject({ replicaCount: 1 });
  });
});

interface ReleaseOrder {
  readonly name: string;
  readonly depends_on?: readonly string[];
}

describe("LoadBalancerController", () => {
  test("fills target groups and manages nothing that Terraform declares", () => {
    expect(valuesOf(stackOf("aws-load-balancer-controller"), "aws-load-balancer-controller")).toMatchObject({
      clusterName: "prod",
      region: "us-east-1",
      vpcId: "vpc-1",
      enableBackendSecurityGroup: false,
      enableWafv2: false,
      createIngressClassResource: false,
      enableServiceMutatorWebhook: false,
      controllerConfig: { featureGates: { EnableServiceController: false } },
    });
  });
});

describe("ExternalSecrets", () => {
  test("serves the namespace that asks, and no store or secret of all namespaces", () => {
    expect(valuesOf(stackOf("external-secrets"), "external-secrets")).toMatchObject({
      crds: { createClusterSecretStore: false, createClusterExternalSecret: false, createPushSecret: false },
      processClusterStore: false,
      processPushSecret: false,
    });
  });
});

describe("CertManager", () => {
  test("leaves its definitions, and so every certificate, when its chart is removed", () => {
    expect(valuesOf(stackOf("cert-manager"), "cert-manager")).toMatchObject({ crds: { enabled: true, keep: true } });
  });
});

describe("MetricsServer", () => {
  test("is asked over a connection whose certificate the API server checks", () => {
    expect(valuesOf(stackOf("metrics-server"), "metrics-server")).toMatchObject({
      apiService: { insecureSkipTLSVerify: false },
      tls: { type: "cert-manager" },
    });
  });
});
