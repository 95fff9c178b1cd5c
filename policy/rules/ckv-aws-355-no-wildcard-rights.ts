import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { statementsOf } from "../policy-statements";
import { rule } from "../rule";

const isWholeService = (action: string) => action === "*" || action.endsWith(":*");

/** No IAM policy allows every action of a service on every resource. CKV_AWS_355, with CKV_AWS_62 and CKV_AWS_63. */
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
