import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { ApplicationPolicies } from "../../../../constructs/kubernetes/network-policy/application-policies";
import type { ApplicationPoliciesProps } from "../../../../constructs/kubernetes/network-policy/application-policies";
import { brokerReach, traffic } from "../../../../constructs/kubernetes/network-policy/traffic";
import { modules, modulesMissing, sourcesOf } from "../../../../tools/kubernetes/published-definitions";
import { describeWhere } from "../../../support/skip";
import { resources, testStack } from "../../../support/template";

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports: readonly { readonly port: string; readonly protocol: string }[];
}
interface Peer {
  readonly ip_block?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly namespace_selector?: { readonly match_labels: Record<string, string> };
  readonly pod_selector?: { readonly match_labels: Record<string, string> };
}
interface Policy {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly pod_selector: { readonly match_labels?: Record<string, string> };
    readonly policy_types: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

const ports = { postgresql: 5432, redis: 6379 };
const straight = { brokerUrl: "https://www.algolab.com.tr" };
const proxied = {
  ...straight,
  brokerProxy: { url: "http://proxy.example.com.tr:3128", cidrs: ["203.0.113.7/32", "198.51.100.0/28"] },
};

function policies(
  broker: Pick<ApplicationPoliciesProps, "brokerUrl" | "brokerProxy"> = straight,
  timeSeries: ApplicationPoliciesProps["timeSeries"] = { in: "database" },
): Record<string, Policy> {
  const stack = testStack();
  new ApplicationPolicies(stack, "NetworkPolicies", {
    namespace: "trading",
    vpcCidr: "10.0.0.0/16",
    publicSubnets: ["10.0.1.0/24", "10.0.2.0/24"],
    databaseSubnets: ["10.0.20.0/24"],
    kubernetesApi: ["10.0.10.0/24", "172.20.0.0/16"],
    timeSeries,
    ports,
    ...broker,
  });
  const found = resources(stack, NetworkPolicyV1) as unknown as Policy[];
  return Object.fromEntries(found.map((policy) => [policy.metadata.name, policy]));
}

describe("ApplicationPolicies", () => {
  test("denies whatever the table does not allow", () => {
    expect(policies()["default-deny"]?.spec).toEqual({ pod_selector: {}, policy_types: ["Ingress", "Egress"] });
  });

  test.each([
    [straight, { in: "database" }],
    [proxied, { in: "database" }],
    [straight, { in: "timescaledb" }],
  ] as const)("makes one rule of every row, %#", (broker, timeSeries) => {
    const rules = Object.values(policies(broker, timeSeries)).flatMap(({ spec }) => [
      ...(spec.ingress ?? []),
      ...(spec.egress ?? []),
    ]);
    expect(rules).toHaveLength(traffic(ports, brokerReach(broker), timeSeries).length);
  });

  describe("with a server of the time series' own", () => {
    const found = policies(straight, { in: "timescaledb" });
    const said = (rules: readonly Rule[] = []) =>
      rules.flatMap(({ from = [], to = [], ports: allowed }) =>
        [...from, ...to].map(({ ip_block, namespace_selector, pod_selector }) =>
          [
            ip_block?.cidr,
            ...Object.values(namespace_selector?.match_labels ?? {}),
            ...Object.values(pod_selector?.match_labels ?? {}),
            allowed[0]?.port,
          ]
            .filter((word) => word !== undefined)
            .join(" "),
        ),
      );

    test("lets market-data, jobs, other instances, the operator and monitoring reach it, and nobody else", () => {
      expect(found["time-series"]?.spec.pod_selector.match_labels).toEqual({ app: "time-series" });
      expect(said(found["time-series"]?.spec.ingress).sort()).toEqual([
        "cnpg-system 5432",
        "cnpg-system 8000",
        "job 5432",
        "market-data-service 5432",
        "monitoring 9187",
        "time-series 5432",
        "time-series 8000",
      ]);
    });

    test("lets it reach other instances, the Kubernetes API, its credentials and the bucket", () => {
      expect(said(found["time-series"]?.spec.egress).sort()).toEqual([
        "0.0.0.0/0 443",
        "10.0.10.0/24 443",
        "169.254.170.23/32 80",
        "172.20.0.0/16 443",
        "time-series 5432",
        "time-series 8000",
      ]);
    });

    test("lets those speak to it who may be heard, and no other service", () => {
      for (const name of ["market-data", "jobs"]) expect(said(found[name]?.spec.egress)).toContain("time-series 5432");
      for (const name of ["user-management", "broker-integration"]) {
        expect(said(found[name]?.spec.egress)).not.toContain("time-series 5432");
      }
      expect(policies()).not.toHaveProperty("time-series");
    });
  });

  test("lets the load balancer's subnets and monitoring reach a service's own port only", () => {
    const ingress = policies()["market-data"]?.spec.ingress ?? [];
    expect(ingress.map((rule) => rule.ports)).toEqual([
      [{ port: "8082", protocol: "TCP" }],
      [{ port: "8082", protocol: "TCP" }],
    ]);
    expect(ingress[0]?.from).toEqual([{ ip_block: { cidr: "10.0.1.0/24" } }, { ip_block: { cidr: "10.0.2.0/24" } }]);
    expect(ingress[1]?.from).toEqual([
      { namespace_selector: { match_labels: { "kubernetes.io/metadata.name": "monitoring" } } },
    ]);
  });

  test("lets only the services that speak to the broker leave the VPC, and never back into it", () => {
    const leaving = Object.entries(policies()).flatMap(([name, { spec }]) =>
      (spec.egress ?? []).flatMap((rule) =>
        (rule.to ?? []).flatMap(({ ip_block }) =>
          ip_block?.cidr === "0.0.0.0/0" ? [[name, ip_block.except] as const] : [],
        ),
      ),
    );
    expect(Object.fromEntries(leaving)).toEqual({
      "market-data": ["10.0.0.0/16"],
      "broker-integration": ["10.0.0.0/16"],
      jobs: ["10.0.0.0/16"],
    });
  });

  test("lets those services reach the proxy before the broker, and nothing else outside the VPC", () => {
    const out = (name: string) =>
      (policies(proxied)[name]?.spec.egress ?? []).flatMap(({ to = [], ports: allowed }) =>
        to.flatMap(({ ip_block }) => (ip_block === undefined ? [] : [`${ip_block.cidr} ${allowed[0]?.port ?? ""}`])),
      );
    const inside = ["10.0.20.0/24 5432", "10.0.20.0/24 6379"];
    const proxy = ["203.0.113.7/32 3128", "198.51.100.0/28 3128"];
    expect(out("market-data")).toEqual([...inside, ...proxy]);
    expect(out("broker-integration")).toEqual([...inside, ...proxy]);
    expect(out("user-management")).toEqual(inside);
  });

  test("lets nobody but the two services that check tokens ask user management from inside", () => {
    const peers = (policies()["user-management"]?.spec.ingress ?? []).flatMap(({ from }) => from ?? []);
    expect(peers.flatMap(({ pod_selector }) => pod_selector?.match_labels["app"] ?? [])).toEqual([
      "market-data-service",
      "broker-integration-service",
    ]);
  });
});

describeWhere(modulesMissing(), "pods of jobs that make an instance of the time series, or restore it", () => {
  test("inherit the labels of their Cluster, so that the policy of its instances is theirs", () => {
    const file = join(sourcesOf(modules.operator, "off") ?? "", "internal/controller/cluster_create.go");
    const source = readFileSync(file, "utf8");
    const [, body = ""] = /func inheritJobMetadata\([^{]*\{(.*?)\n\}/s.exec(source) ?? [];
    expect(body).toMatch(/InheritLabels\(&job\.Spec\.Template\.ObjectMeta, [^)]*GetFixedInheritedLabels\(\)/);
    const created = source.split("r.Create(ctx, job)").slice(0, -1);
    expect(created).not.toEqual([]);
    for (const before of created)
      expect(before.slice(before.lastIndexOf("\nfunc "))).toContain("inheritJobMetadata(cluster, job)");
  });
});
