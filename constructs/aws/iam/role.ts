import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { check } from "../../support/check";
import { policyDocument } from "./policy-document";
import type { Statement } from "./policy-document";

export interface RoleProps {
  /** At most 64 characters. */
  readonly name: string;
  readonly description: string;
  /** Who may assume the role, and on what conditions. */
  readonly trust: readonly Statement[];
  /** What the role may do. @default nothing */
  readonly statements?: readonly Statement[];
  /** Policies that AWS maintains, by their path and name, for example `service-role/AmazonEBSCSIDriverPolicy`. @default none */
  readonly managedPolicies?: readonly string[];
  /** ARN of the policy that bounds whatever the role is granted. @default none */
  readonly permissionsBoundary?: string;
  /** Seconds that an assumed session may last. @default 3600 */
  readonly maxSessionSeconds?: number;
}

/** An IAM role with its rights, of which every one is written in this project or named from AWS's own. */
export class Role extends Construct {
  readonly arn: string;
  readonly name: string;
  /** What must exist before the role can do its work; a service that starts earlier is refused. */
  readonly grants: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: RoleProps) {
    super(scope, id);
    check(this, [
      [props.name.length <= 64, `role name "${props.name}" is ${props.name.length} characters; IAM takes at most 64`],
    ]);

    const role = new IamRole(this, "Resource", {
      name: props.name,
      description: props.description,
      assumeRolePolicy: policyDocument(props.trust),
      permissionsBoundary: props.permissionsBoundary,
      maxSessionDuration: props.maxSessionSeconds ?? 3600,
    });
    const attached = (props.managedPolicies ?? []).map(
      (policy) =>
        new IamRolePolicyAttachment(this, policy.replace(/^.*\//, ""), {
          role: role.name,
          policyArn: `arn:aws:iam::aws:policy/${policy}`,
        }),
    );
    const { statements = [] } = props;
    const own =
      statements.length === 0
        ? []
        : [
            new IamRolePolicy(this, "Policy", {
              name: "permissions",
              role: role.name,
              policy: policyDocument(statements),
            }),
          ];
    this.arn = role.arn;
    this.name = role.name;
    this.grants = [...attached, ...own];
  }
}
