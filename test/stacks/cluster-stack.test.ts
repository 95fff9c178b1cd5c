import { EksAccessEntry } from "@cdktf/provider-aws/lib/eks-access-entry";
import { EksAddon } from "@cdktf/provider-aws/lib/eks-addon";
import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import { EksPodIdentityAssociation } from "@cdktf/provider-aws/lib/eks-pod-identity-association";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { environment } from "../../config";
import type { Environment } from "../../config";
import { optOutsOf } from "../../constructs/support/protection";
import { ClusterStack } from "../../stacks/cluster-stack";
import { anyNetwork } from "../support/any-network";
import { synthesize, testApp } from "../support/template";
import type { Block } from "../support/template";

const production = environment("production");
/** Synthesized once: most tests look at the same stack. */
function clusterOf(settings: Environment) {
  const stack = new ClusterStack(testApp(), settings, anyNetwork);
  const { resource = {}, output = {} } = synthesize(stack);
  const all = ({ tfResourceType }: TerraformType) => Object.entries(resource[tfResourceType] ?? {});
  return {
    outputs: Object.keys(output),
    optOuts: stack.node.findAll().flatMap(optOutsOf),
    every: (type: TerraformType) => all(type).map(([, block]) => block),
    /** The block of a type whose address starts so. */
    block: (type: TerraformType, address: string): Block => {
      const [, match] = all(type).find(([id]) => id.startsWith(`${address}_`)) ?? [];
      if (match === undefined) throw new Error(`no ${address} among ${type.tfResourceType}`);
      return match;
    },
  };
}

interface TerraformType {
  readonly tfResourceType: string;
}

const { block, every, optOuts, outputs } = clusterOf(production);

describe("node groups", () => {
  test.each([
    ["Application", ["m5.xlarge"], [3, 3, 10], { NodeType: "application" }, "sg-application-nodes", 100],
    ["Database", ["r5.2xlarge"], [2, 2, 4], { NodeType: "database" }, "sg-platform-nodes", 100],
    ["System", ["m5.large"], [2, 2, 4], { NodeType: "system" }, "sg-platform-nodes", 50],
  ])("%s: %j, sizes %j", (name, types, [min, desired, max], labels, securityGroup, diskGiB) => {
    expect(block(EksNodeGroup, `${name}Nodes`)).toMatchObject({
      node_group_name_prefix: `${name.toLowerCase()}-`,
      ami_type: "AL2023_x86_64_STANDARD",
      capacity_type: "ON_DEMAND",
      instance_types: types,
      labels,
      subnet_ids: ["subnet-private-1", "subnet-private-2"],
      scaling_config: { min_size: min, desired_size: desired, max_size: max },
      update_config: { max_unavailable_percentage: 33 },
      node_repair_config: { enabled: true },
      lifecycle: { create_before_destroy: true, ignore_changes: ["scaling_config[0].desired_size"] },
    });
    expect(block(LaunchTemplate, `${name}Nodes_LaunchTemplate`)).toMatchObject({
      vpc_security_group_ids: [securityGroup, expect.stringContaining("cluster_security_group_id")],
      metadata_options: { http_tokens: "required", http_put_response_hop_limit: 1 },
      block_device_mappings: [
        {
          device_name: "/dev/xvda",
          ebs: {
            volume_type: "gp3",
            volume_size: diskGiB,
            encrypted: "true",
            kms_key_id: expect.stringContaining("aws_kms_key.DiskKey") as string,
          },
        },
      ],
      monitoring: { enabled: true },
      tag_specifications: ["instance", "volume", "network-interface"].map((resource_type) => ({
        resource_type,
        tags: {
          Environment: "production",
          Project: "bist-trading",
          Name: expect.stringContaining(name.toLowerCase()) as string,
        },
      })),
    });
  });

  test("only the application's are tainted: CoreDNS and the controllers find a place", () => {
    expect(block(EksNodeGroup, "ApplicationNodes")["taint"]).toEqual([
      { key: "application", value: "true", effect: "NO_SCHEDULE" },
    ]);
    for (const name of ["DatabaseNodes", "SystemNodes"]) expect(block(EksNodeGroup, name)["taint"]).toEqual([]);
  });

  test("run the image of their instance type's architecture", () => {
    const { nodeGroups } = production.cluster;
    const arm = clusterOf({
      ...production,
      cluster: {
        ...production.cluster,
        nodeGroups: { ...nodeGroups, system: { ...nodeGroups.system, instanceTypes: ["m7g.large"] } },
      },
    });
    expect(arm.block(EksNodeGroup, "SystemNodes")["ami_type"]).toBe("AL2023_ARM_64_STANDARD");
    expect(arm.block(EksNodeGroup, "ApplicationNodes")["ami_type"]).toBe("AL2023_x86_64_STANDARD");
  });

  test("have no rights that belong to pods", () => {
    const policies = every(IamRolePolicyAttachment)
      .filter(({ role }) => String(role).includes("aws_iam_role.NodeRole"))
      .map(({ policy_arn }) => String(policy_arn).replace("arn:aws:iam::aws:policy/", ""));
    expect(policies).toEqual([
      "AmazonEC2ContainerRegistryPullOnly",
      "AmazonEKSWorkerNodePolicy",
      "AmazonSSMManagedInstanceCore",
    ]);
  });
});

describe("add-ons", () => {
  const waitsFor = (found: Block) => (found["depends_on"] as string[] | undefined) ?? [];

  test("give a node its network, routing and identities before it exists", () => {
    for (const name of ["ApplicationNodes", "DatabaseNodes", "SystemNodes"]) {
      expect(waitsFor(block(EksNodeGroup, name))).toEqual(
        expect.arrayContaining(
          ["VpcCni", "KubeProxy", "PodIdentityAgent"].map(
            (addOn) => expect.stringMatching(new RegExp(`^aws_eks_addon\\.NodeAddOns_${addOn}_`)) as string,
          ),
        ),
      );
    }
    for (const name of ["VpcCni", "KubeProxy", "PodIdentityAgent"]) {
      expect(waitsFor(block(EksAddon, `NodeAddOns_${name}`)).join()).not.toContain("node_group");
    }
  });

  test("come after the nodes that they run on, and run on untainted ones", () => {
    for (const name of ["CoreDns", "EbsCsi"]) {
      expect(waitsFor(block(EksAddon, `ClusterAddOns_${name}`)).join()).toContain("aws_eks_node_group.SystemNodes");
    }
    const settings = (name: string): unknown =>
      JSON.parse(String(block(EksAddon, `ClusterAddOns_${name}`)["configuration_values"]));
    expect(settings("CoreDns")).toEqual({ nodeSelector: { NodeType: "system" } });
    expect(settings("EbsCsi")).toEqual({ controller: { nodeSelector: { NodeType: "system" } } });
  });

  test("enforce NetworkPolicies", () => {
    const network = block(EksAddon, "NodeAddOns_VpcCni");
    expect(JSON.parse(String(network["configuration_values"]))).toMatchObject({ enableNetworkPolicy: "true" });
    expect(network["pod_identity_association"]).toEqual([
      { role_arn: expect.stringContaining("NodeAddOns_VpcCniRole") as string, service_account: "aws-node" },
    ]);
  });

  test("keep the version that EKS gave them, and what is declared", () => {
    for (const addOn of every(EksAddon)) {
      expect(addOn).not.toHaveProperty("addon_version");
      expect(addOn).toMatchObject({
        resolve_conflicts_on_create: "OVERWRITE",
        resolve_conflicts_on_update: "OVERWRITE",
      });
    }
  });
});

describe("access", () => {
  test("is for administrators and the deploy role; the plan role looks on", () => {
    expect(
      every(EksAccessEntry).map(({ principal_arn, kubernetes_groups }) => [principal_arn, kubernetes_groups]),
    ).toEqual([
      ["arn:aws:iam::111122223333:role/PlatformAdministrator", undefined],
      ["arn:aws:iam::111122223333:role/bist-trading-prod-deploy", undefined],
      ["arn:aws:iam::111122223333:role/bist-trading-prod-plan", ["platform-viewers"]],
    ]);
  });

  test("to AWS is given to service accounts, the application's own in its namespace", () => {
    const associations = every(EksPodIdentityAssociation).map(
      ({ namespace, service_account }) => `${String(namespace)}/${String(service_account)}`,
    );
    expect(associations.sort()).toEqual([
      "bist-trading-prod/database-backup",
      "cert-manager/cert-manager",
      "external-secrets/external-secrets",
      "kube-system/aws-load-balancer-controller",
      "kube-system/cluster-autoscaler",
      "monitoring/alertmanager",
    ]);
  });

  test.each(["production", "staging", "local"])("has role names that IAM takes in %s", (name) => {
    for (const role of clusterOf(environment(name)).every(IamRole)) {
      expect(String(role["name"]).length).toBeLessThanOrEqual(64);
    }
  });
});

describe("encryption", () => {
  test("lets Auto Scaling, and nobody else beside the account, start nodes with encrypted volumes", () => {
    expect(optOuts).toContainEqual({
      setting: "CKV_AWS_33",
      reason: expect.stringContaining("docs/adr/018") as string,
    });
    const { Statement } = JSON.parse(String(block(KmsKey, "DiskKey")["policy"])) as { Statement: Block[] };
    const role =
      "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    expect(Statement.map(({ Sid }) => Sid)).toEqual(["Account", "AutoScaling", "AutoScalingGrants"]);
    for (const statement of Statement.slice(1)) {
      expect(statement).toMatchObject({
        Condition: {
          StringEquals: { "kms:CallerAccount": ["111122223333"] },
          ArnEquals: { "aws:PrincipalArn": [role] },
        },
      });
    }
    expect(Statement[2]).toMatchObject({
      Action: ["kms:CreateGrant"],
      Condition: { Bool: { "kms:GrantIsForAWSResource": ["true"] } },
    });
  });
});

test("hands on how to reach the cluster", () => {
  expect(outputs.sort()).toEqual([
    "certificate_authority",
    "cluster_security_group",
    "disk_key_arn",
    "endpoint",
    "name",
    "node_role_arn",
    "oidc_provider_arn",
  ]);
});
