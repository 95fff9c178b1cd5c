import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import type { TerraformStack } from "cdktf";
import type { AddOnProps } from "../../../constructs/add-ons/add-on";
import { CertManager } from "../../../constructs/add-ons/cert-manager";
import { ClusterAutoscaler } from "../../../constructs/add-ons/cluster-autoscaler";
import { ExternalSecrets } from "../../../constructs/add-ons/external-secrets";
import { LoadBalancerController } from "../../../constructs/add-ons/load-balancer-controller";
import { MetricsServer } from "../../../constructs/add-ons/metrics-server";
import { addOnIdentities } from "../../../constructs/cluster/workload-identities";
import { placementOn } from "../../../constructs/workload/placement";
import { releases, type Values, valuesOf } from "../../support/helm";
import { resources, testStack } from "../../support/template";

const props: AddOnProps = {
  charts: { from: "publishers" },
  placement: placementOn({
    labels: { NodeType: "system" },
    taints: [{ key: "system", value: "true", effect: "NO_SCHEDULE" }],
  }),
};
const cluster = { clusterName: "prod", region: "us-east-1", vpcId: "vpc-1" };

const addOns = {
  "cert-manager": (stack: TerraformStack) => new CertManager(stack, "AddOn", props),
  "aws-load-balancer-controller": (stack: TerraformStack) =>
    new LoadBalancerController(stack, "AddOn", { ...props, ...cluster }),
  "external-secrets": (stack: TerraformStack) => new ExternalSecrets(stack, "AddOn", props),
  "metrics-server": (stack: TerraformStack) => new MetricsServer(stack, "AddOn", props),
  "cluster-autoscaler": (stack: TerraformStack) => new ClusterAutoscaler(stack, "AddOn", { ...props, ...cluster }),
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
};
const each = names.flatMap((name) => processes[name].map((part): [Name, string] => [name, part]));
const partOf = (values: Values, part: string) => (part === "" ? values : (values[part] as Values));

describe("an add-on", () => {
  test.each(each)("%s %s has two pods that drains spare, with what they ask for and may take", (name, part) => {
    const values = partOf(valuesOf(stackOf(name), name), part);
    expect(values["replicaCount"] ?? values["replicas"]).toBe(2);
    expect(values["podDisruptionBudget"]).toMatchObject({ maxUnavailable: 1 });
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

  test.each(["cert-manager", "external-secrets"] as const)("%s has a namespace of its own, restricted", (name) => {
    expect(resources(stackOf(name), NamespaceV1)).toMatchObject([
      { metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
    ]);
  });

  test.each(names)("%s is pinned", (name) => {
    expect(releases(stackOf(name)).get(name)?.version).toMatch(/^v?\d+\.\d+\.\d+$/);
  });
});

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
