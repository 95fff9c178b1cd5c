import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { ApplicationPolicies } from "../../../../constructs/kubernetes/network-policy/application-policies";
import { traffic } from "../../../../constructs/kubernetes/network-policy/traffic";
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

const ports = { postgresql: 5432, redis: 6379, broker: 443 };

function policies(): Record<string, Policy> {
  const stack = testStack();
  new ApplicationPolicies(stack, "NetworkPolicies", {
    namespace: "trading",
    vpcCidr: "10.0.0.0/16",
    publicSubnets: ["10.0.1.0/24", "10.0.2.0/24"],
    databaseSubnets: ["10.0.20.0/24"],
    ports,
  });
  const found = resources(stack, NetworkPolicyV1) as unknown as Policy[];
  return Object.fromEntries(found.map((policy) => [policy.metadata.name, policy]));
}

describe("ApplicationPolicies", () => {
  test("denies whatever the table does not allow", () => {
    expect(policies()["default-deny"]?.spec).toEqual({ pod_selector: {}, policy_types: ["Ingress", "Egress"] });
  });

  test("makes one rule of every row", () => {
    const rules = Object.values(policies()).flatMap(({ spec }) => [...(spec.ingress ?? []), ...(spec.egress ?? [])]);
    expect(rules).toHaveLength(traffic(ports).length);
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

  test("lets nobody but the two services that check tokens ask user management from inside", () => {
    const peers = (policies()["user-management"]?.spec.ingress ?? []).flatMap(({ from }) => from ?? []);
    expect(peers.flatMap(({ pod_selector }) => pod_selector?.match_labels["app"] ?? [])).toEqual([
      "market-data-service",
      "broker-integration-service",
    ]);
  });
});
