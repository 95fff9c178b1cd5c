import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { statementsOf } from "../policy-statements";
import { known, rule } from "../rule";

export const nodeDisksEncrypted = rule(LaunchTemplate, {
  id: "CKV_AWS_8",
  title: "Every disk of a node is encrypted",
  complies: (template) => {
    const disks = known(template.blockDeviceMappingsInput) ?? [];
    return disks.length > 0 && disks.every(({ ebs }) => String(known(ebs?.encrypted)) === "true");
  },
  remedy: 'give every block device mapping `ebs: { encrypted: "true" }`',
});

export const nodeMetadataNeedsToken = rule(LaunchTemplate, {
  id: "CKV_AWS_79",
  title: "Nodes answer metadata requests with a session token only (IMDSv2)",
  complies: (template) => template.metadataOptionsInput?.httpTokens === "required",
  remedy: 'set `metadataOptions: { httpTokens: "required" }`',
});

export const nodeMetadataStaysOnNode = rule(LaunchTemplate, {
  id: "CKV_AWS_341",
  title: "Pods do not reach the metadata of their node",
  complies: (template) => template.metadataOptionsInput?.httpPutResponseHopLimit === 1,
  remedy: "set `metadataOptions: { httpPutResponseHopLimit: 1 }`; pods get their rights through Pod Identity",
});

export const clusterControlPlaneLogged = rule(EksCluster, {
  id: "CKV_AWS_37",
  title: "All five kinds of control-plane logs are kept",
  complies: (cluster) => {
    const kept = known(cluster.enabledClusterLogTypesInput) ?? [];
    return ["api", "audit", "authenticator", "controllerManager", "scheduler"].every((type) => kept.includes(type));
  },
  remedy: "enable api, audit, authenticator, controllerManager and scheduler logs",
});

export const clusterEndpointNotOpen = rule(EksCluster, {
  id: "CKV_AWS_38",
  title: "The public API endpoint, if any, answers named networks only",
  complies: (cluster) => {
    const { endpointPublicAccess, publicAccessCidrs = [] } = cluster.vpcConfigInput ?? {};
    if (known(endpointPublicAccess) === false) return true;
    return publicAccessCidrs.length > 0 && publicAccessCidrs.every((cidr) => !known(cidr).endsWith("/0"));
  },
  remedy: "name the networks in `cluster.publicEndpointCidrs`, or leave it empty for a private endpoint",
});

export const clusterSecretsEncrypted = rule(EksCluster, {
  id: "CKV_AWS_58",
  title: "Kubernetes Secrets are encrypted with a key of the platform",
  complies: (cluster) => cluster.encryptionConfigInput?.resources.includes("secrets") === true,
  remedy: "set `encryptionConfig` with resources `secrets`",
});

const isWholeService = (action: string) => action === "*" || action.endsWith(":*");

/** Covers CKV_AWS_62 and CKV_AWS_63 too. */
export const noWildcardRights = rule<IamPolicy | IamRolePolicy>([IamPolicy, IamRolePolicy], {
  id: "CKV_AWS_355",
  title: "No IAM policy allows every action of a service on every resource",
  complies: ({ policyInput }) =>
    statementsOf(policyInput).every(
      ({ Effect, Action, Resource }) =>
        Effect !== "Allow" || !Resource.includes("*") || !Action.some((action) => isWholeService(action)),
    ),
  remedy: "name the actions, or the resources",
});

const requiredTags = ["Environment", "Project", "ManagedBy", "Stack"];

export const providerTagsEverything = rule(AwsProvider, {
  id: "BIST_2",
  title: "Every provider tags what it makes",
  complies: ({ defaultTagsInput }) => {
    const tags = (known(defaultTagsInput) ?? []).flatMap((defaults) => Object.keys(defaults.tags ?? {}));
    return requiredTags.every((tag) => tags.includes(tag));
  },
  remedy: `give the provider default tags ${requiredTags.join(", ")}`,
});
