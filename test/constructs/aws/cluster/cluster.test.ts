import { EksAccessEntry } from "@cdktf/provider-aws/lib/eks-access-entry";
import { EksAccessPolicyAssociation } from "@cdktf/provider-aws/lib/eks-access-policy-association";
import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { Cluster } from "../../../../constructs/aws/cluster/cluster";
import type { ClusterProps } from "../../../../constructs/aws/cluster/cluster";
import { ClusterAccess } from "../../../../constructs/aws/cluster/cluster-access";
import { EncryptionKey } from "../../../../constructs/aws/encryption/encryption-key";
import { only, resources, testStack } from "../../../support/template";

const account = { accountId: "111122223333", region: "us-east-1" };

function clusterOf(changes: Partial<ClusterProps> = {}) {
  const stack = testStack();
  const key = (id: string, services: string[] = []) =>
    new EncryptionKey(stack, id, { alias: id, description: id, account, services, protection: true });
  const cluster = new Cluster(stack, "Cluster", {
    name: "trading",
    kubernetesVersion: "1.36",
    publicEndpointCidrs: ["203.0.113.0/24"],
    serviceCidr: "172.20.0.0/16",
    logRetentionDays: 365,
    account,
    subnets: ["subnet-1", "subnet-2"],
    secretsKey: key("Secrets"),
    logKey: key("Logs", ["logs.us-east-1.amazonaws.com"]),
    protection: true,
    ...changes,
  });
  return { stack, cluster };
}

describe("Cluster", () => {
  test("is private, encrypted, logged in full, on standard support, and gives its creator no rights", () => {
    expect(only(clusterOf().stack, EksCluster)).toEqual({
      name: "trading",
      role_arn: expect.stringMatching(/^\$\{aws_iam_role\.Cluster_Role_\w+\.arn\}$/) as string,
      version: "1.36",
      bootstrap_self_managed_addons: false,
      enabled_cluster_log_types: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      access_config: { authentication_mode: "API", bootstrap_cluster_creator_admin_permissions: false },
      vpc_config: {
        subnet_ids: ["subnet-1", "subnet-2"],
        endpoint_private_access: true,
        endpoint_public_access: true,
        public_access_cidrs: ["203.0.113.0/24"],
      },
      encryption_config: {
        resources: ["secrets"],
        provider: { key_arn: expect.stringContaining("aws_kms_key.Secrets") as string },
      },
      kubernetes_network_config: { service_ipv4_cidr: "172.20.0.0/16", ip_family: "ipv4" },
      upgrade_policy: { support_type: "STANDARD" },
      zonal_shift_config: { enabled: true },
      lifecycle: { prevent_destroy: true },
      depends_on: [
        expect.stringMatching(/^aws_iam_role_policy_attachment\.Cluster_Role_AmazonEKSClusterPolicy/),
        expect.stringMatching(/^aws_iam_role_policy\.Cluster_Role_Policy/),
        expect.stringMatching(/^aws_cloudwatch_log_group\.Cluster_Logs/),
      ],
    });
  });

  test("has no public endpoint where no network may use it", () => {
    const { vpc_config } = only(clusterOf({ publicEndpointCidrs: [] }).stack, EksCluster);
    expect(vpc_config).toEqual({
      subnet_ids: ["subnet-1", "subnet-2"],
      endpoint_private_access: true,
      endpoint_public_access: false,
    });
  });

  test("vouches for its service accounts", () => {
    expect(only(clusterOf().stack, IamOpenidConnectProvider)).toEqual({
      url: expect.stringMatching(/identity\[0\]\.oidc\[0\]\.issuer\}$/) as string,
      client_id_list: ["sts.amazonaws.com"],
    });
  });
});

describe("ClusterAccess", () => {
  const admin = "arn:aws:iam::111122223333:role/Administrator";
  const plan = "arn:aws:iam::111122223333:role/plan";

  test("makes administrators of those named, and lets viewers see everything but Secrets", () => {
    const stack = testStack();
    new ClusterAccess(stack, "Access", { clusterName: "trading", administratorArns: [admin], viewerArns: [plan] });
    expect(resources(stack, EksAccessEntry)).toEqual([
      { cluster_name: "trading", principal_arn: admin, type: "STANDARD" },
      { cluster_name: "trading", principal_arn: plan, type: "STANDARD", kubernetes_groups: ["platform-viewers"] },
    ]);
    expect(
      resources(stack, EksAccessPolicyAssociation).map(({ policy_arn, access_scope }) => [policy_arn, access_scope]),
    ).toEqual([
      ["arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", { type: "cluster" }],
      ["arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", { type: "cluster" }],
    ]);
  });

  test("refuses a principal that is named twice", () => {
    const both = { clusterName: "trading", administratorArns: [admin, plan], viewerArns: [plan] };
    expect(() => new ClusterAccess(testStack(), "Access", both)).toThrow(
      "test/Access: arn:aws:iam::111122223333:role/plan stands twice; EKS takes one entry a principal",
    );
  });
});
