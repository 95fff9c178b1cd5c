import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import type { EksClusterConfig } from "@cdktf/provider-aws/lib/eks-cluster";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import type { LaunchTemplateConfig } from "@cdktf/provider-aws/lib/launch-template";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { policyDocument } from "../../../constructs/aws/iam/policy-document";
import type { Build, Cases } from "./case";

const template =
  (config: LaunchTemplateConfig): Build =>
  (stack) =>
    new LaunchTemplate(stack, "Template", config);

const disk = (encrypted?: string) => ({ deviceName: "/dev/xvda", ebs: { encrypted } });

const cluster =
  (config: Partial<EksClusterConfig>): Build =>
  (stack) =>
    new EksCluster(stack, "Cluster", { name: "cluster", roleArn: "a", vpcConfig: { subnetIds: [] }, ...config });

const endpoint = (vpc: { endpointPublicAccess?: boolean; publicAccessCidrs?: string[] }) =>
  cluster({ vpcConfig: { subnetIds: [], ...vpc } });

const allLogs = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

const rights =
  (effect: "Allow" | "Deny", action: string, resource: string): Build =>
  (stack) =>
    new IamRolePolicy(stack, "Rights", {
      role: "role",
      policy: policyDocument([{ sid: "All", effect, actions: ["s3:GetObject", action], resources: [resource] }]),
    });

const tagged =
  (...tags: string[]): Build =>
  (stack) =>
    new AwsProvider(stack, "aws", { defaultTags: [{ tags: Object.fromEntries(tags.map((tag) => [tag, "value"])) }] });

export const cases: Cases = {
  CKV_AWS_8: {
    complies: [template({ blockDeviceMappings: [disk("true"), disk("true")] })],
    violates: [
      template({ blockDeviceMappings: [disk("true"), disk("false")] }),
      template({ blockDeviceMappings: [disk()] }),
      template({}),
    ],
  },
  CKV_AWS_79: {
    complies: [template({ metadataOptions: { httpTokens: "required" } })],
    violates: [template({ metadataOptions: { httpTokens: "optional" } }), template({})],
  },
  CKV_AWS_341: {
    complies: [template({ metadataOptions: { httpPutResponseHopLimit: 1 } })],
    violates: [template({ metadataOptions: { httpPutResponseHopLimit: 2 } }), template({})],
  },
  CKV_AWS_37: {
    complies: [cluster({ enabledClusterLogTypes: allLogs })],
    violates: [cluster({ enabledClusterLogTypes: allLogs.slice(1) }), cluster({})],
  },
  CKV_AWS_38: {
    complies: [
      endpoint({ endpointPublicAccess: false }),
      endpoint({ endpointPublicAccess: true, publicAccessCidrs: ["203.0.113.0/24"] }),
    ],
    violates: [
      endpoint({ endpointPublicAccess: true, publicAccessCidrs: ["203.0.113.0/24", "0.0.0.0/0"] }),
      endpoint({ endpointPublicAccess: true }),
      endpoint({}),
    ],
  },
  CKV_AWS_58: {
    complies: [cluster({ encryptionConfig: { provider: { keyArn: "a" }, resources: ["secrets"] } })],
    violates: [cluster({ encryptionConfig: { provider: { keyArn: "a" }, resources: [] } }), cluster({})],
  },
  CKV_AWS_355: {
    complies: [
      rights("Allow", "s3:*", "arn:aws:s3:::bucket"),
      rights("Allow", "ec2:Describe*", "*"),
      rights("Deny", "*", "*"),
    ],
    violates: [
      rights("Allow", "*", "*"),
      rights("Allow", "s3:*", "*"),
      (stack) =>
        new IamPolicy(stack, "Rights", {
          policy: JSON.stringify({ Statement: { Effect: "Allow", Action: "iam:*", Resource: "*" } }),
        }),
    ],
  },
  BIST_2: {
    complies: [tagged("Environment", "Project", "ManagedBy", "Stack", "Team")],
    violates: [tagged("Environment", "Project", "ManagedBy"), (stack) => new AwsProvider(stack, "aws")],
  },
};
