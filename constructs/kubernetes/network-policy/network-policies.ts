import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { Construct } from "constructs";
import { pascalCase } from "../../support/pascal-case";
import type { PolicyPeer } from "./peers";

type Direction = "in" | "out";

/** Something that pods may be told, or may say. */
export interface AllowedTraffic {
  /** Names the policy that this is a rule of, in lower case with dashes. */
  readonly policy: string;
  /** Labels of the pods that this is about, the same throughout a policy. @default every pod of the namespace */
  readonly pods?: Readonly<Record<string, string>>;
  readonly direction: Direction;
  readonly peers: readonly PolicyPeer[];
  /** @default every port */
  readonly ports?: readonly number[];
  /** @default TCP */
  readonly protocol?: "TCP" | "UDP";
}

export interface NetworkPoliciesProps {
  readonly namespace: string;
  /** What is denied unless it is allowed. @default both */
  readonly denied?: readonly Direction[];
  readonly allowed: readonly AllowedTraffic[];
}

const kubernetesNames = { in: "Ingress", out: "Egress" } as const;

/** Denies everything in a namespace but what is allowed. */
export class NetworkPolicies extends Construct {
  constructor(scope: Construct, id: string, { namespace, denied = ["in", "out"], allowed }: NetworkPoliciesProps) {
    super(scope, id);
    new NetworkPolicyV1(this, "DefaultDeny", {
      metadata: { name: "default-deny", namespace },
      spec: { podSelector: {}, policyTypes: denied.map((direction) => kubernetesNames[direction]) },
    });
    for (const [name, rows] of Map.groupBy(allowed, ({ policy }) => policy)) {
      const rules = (direction: Direction) => rows.filter((row) => row.direction === direction);
      const ingress = rules("in").map((row) => ({ from: [...row.peers], ...portsOf(row) }));
      const egress = rules("out").map((row) => ({ to: [...row.peers], ...portsOf(row) }));
      const pods = rows[0]?.pods;
      new NetworkPolicyV1(this, pascalCase(...name.split("-")), {
        metadata: { name, namespace },
        spec: {
          podSelector: pods === undefined ? {} : { matchLabels: pods },
          policyTypes: [...(ingress.length > 0 ? ["Ingress"] : []), ...(egress.length > 0 ? ["Egress"] : [])],
          ...(ingress.length > 0 ? { ingress } : {}),
          ...(egress.length > 0 ? { egress } : {}),
        },
      });
    }
  }
}

function portsOf({ ports, protocol = "TCP" }: AllowedTraffic) {
  return ports && { ports: ports.map((port) => ({ port: String(port), protocol })) };
}
