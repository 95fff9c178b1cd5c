import type {
  NetworkPolicyV1SpecEgressTo,
  NetworkPolicyV1SpecIngressFrom,
} from "@cdktf/provider-kubernetes/lib/network-policy-v1";

/** Whom a policy is about; the same whether they speak or are spoken to. */
export type PolicyPeer = NetworkPolicyV1SpecEgressTo & NetworkPolicyV1SpecIngressFrom;

export const podsWith = (matchLabels: Readonly<Record<string, string>>): readonly PolicyPeer[] => [
  { podSelector: { matchLabels } },
];

export const podsOfNamespace = (name: string): readonly PolicyPeer[] => [
  { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } },
];

export const networks = (cidrs: readonly string[]): readonly PolicyPeer[] =>
  cidrs.map((cidr) => ({ ipBlock: { cidr } }));

export const anywhereBut = (cidr: string): readonly PolicyPeer[] => [
  { ipBlock: { cidr: "0.0.0.0/0", except: [cidr] } },
];

/** Where EKS gives pods their AWS credentials, on every node. */
export const podIdentityAgent: readonly PolicyPeer[] = networks(["169.254.170.23/32"]);
export const POD_IDENTITY_PORT = 80;
