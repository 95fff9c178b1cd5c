import { EksPodIdentityAssociation } from "@cdktf/provider-aws/lib/eks-pod-identity-association";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import type { TerraformStack } from "cdktf";
import { PodIdentityRole } from "../../../../constructs/aws/iam/pod-identity-role";
import { Role } from "../../../../constructs/aws/iam/role";
import { ServiceRole } from "../../../../constructs/aws/iam/service-role";
import { only, resources, testStack } from "../../../support/template";

const account = { accountId: "111122223333", region: "us-east-1" };
const trustOf = (stack: TerraformStack): unknown => {
  const { Statement } = JSON.parse(String(only(stack, IamRole)["assume_role_policy"])) as { Statement: unknown };
  return Statement;
};

describe("Role", () => {
  test("has the rights that are written, those of AWS's own policies, and an hour to use them", () => {
    const stack = testStack();
    const role = new Role(stack, "Role", {
      name: "reader",
      description: "Reads",
      trust: [{ sid: "Reader", principals: { AWS: ["arn:aws:iam::111122223333:root"] }, actions: ["sts:AssumeRole"] }],
      statements: [{ sid: "Read", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::b/*"] }],
      managedPolicies: ["service-role/AmazonEBSCSIDriverPolicy"],
    });
    expect(only(stack, IamRole)).toMatchObject({ name: "reader", description: "Reads", max_session_duration: 3600 });
    expect(only(stack, IamRolePolicy)).toMatchObject({ policy: expect.stringContaining("s3:GetObject") as string });
    expect(only(stack, IamRolePolicyAttachment)).toMatchObject({
      policy_arn: "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    });
    expect(role.grants).toHaveLength(2);
  });

  test("without rights has no policy", () => {
    const stack = testStack();
    new ServiceRole(stack, "Role", { name: "idle", description: "Idle", service: "ec2.amazonaws.com" });
    expect(resources(stack, IamRolePolicy)).toEqual([]);
  });

  test("refuses a name that IAM does not take", () => {
    const name = "r".repeat(65);
    expect(() => new Role(testStack(), "Role", { name, description: "", trust: [] })).toThrow(
      `test/Role: role name "${name}" is 65 characters; IAM takes at most 64`,
    );
  });
});

describe("ServiceRole", () => {
  test("trusts the service, when it acts for the account", () => {
    const stack = testStack();
    new ServiceRole(stack, "Role", { name: "r", description: "r", service: "eks.amazonaws.com", actingFor: account });
    expect(trustOf(stack)).toEqual([
      {
        Sid: "Service",
        Effect: "Allow",
        Principal: { Service: ["eks.amazonaws.com"] },
        Action: ["sts:AssumeRole"],
        Condition: { StringEquals: { "aws:SourceAccount": ["111122223333"] } },
      },
    ]);
  });

  test("trusts a service that does not say for whom it acts without conditions", () => {
    const stack = testStack();
    new ServiceRole(stack, "Role", { name: "r", description: "r", service: "ec2.amazonaws.com" });
    expect(trustOf(stack)).toEqual([
      { Sid: "Service", Effect: "Allow", Principal: { Service: ["ec2.amazonaws.com"] }, Action: ["sts:AssumeRole"] },
    ]);
  });
});

describe("PodIdentityRole", () => {
  const stack = testStack();
  new PodIdentityRole(stack, "Role", {
    name: "backup",
    description: "Uploads dumps",
    pods: { account, clusterName: "trading", namespace: "bist", serviceAccount: "backup" },
  }).bind("trading");

  test("trusts the pods of one service account in one cluster, and nobody else", () => {
    expect(trustOf(stack)).toEqual([
      {
        Sid: "Pods",
        Effect: "Allow",
        Principal: { Service: ["pods.eks.amazonaws.com"] },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-arn": ["arn:aws:eks:us-east-1:111122223333:cluster/trading"],
            "aws:RequestTag/kubernetes-namespace": ["bist"],
            "aws:RequestTag/kubernetes-service-account": ["backup"],
          },
        },
      },
    ]);
  });

  test("is handed to them by the cluster", () => {
    expect(only(stack, EksPodIdentityAssociation)).toEqual({
      cluster_name: "trading",
      namespace: "bist",
      service_account: "backup",
      role_arn: expect.stringMatching(/^\$\{aws_iam_role\.Role_\w+\.arn\}$/) as string,
    });
  });
});
