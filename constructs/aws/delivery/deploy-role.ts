import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import type { Construct } from "constructs";
import { policyDocument } from "../iam/policy-document";
import type { Statement } from "../iam/policy-document";
import { Role } from "../iam/role";
import type { Account } from "../../../config/account";
import { check } from "../../support/check";
import { denials, identityRights, resourceRights } from "./deploy-rights";
import type { GithubTrust } from "./github-trust";
import type { StateBucket } from "./state-bucket";

export interface DeployRoleProps {
  readonly name: string;
  readonly prefix: string;
  readonly account: Account;
  /** How the names of the roles begin that the stacks declare. */
  readonly roleNames: readonly string[];
  readonly github: GithubTrust;
  /** GitHub environment whose jobs may deploy, after its reviewers agreed. */
  readonly githubEnvironment: string;
  /** ARNs of principals that may deploy by hand. */
  readonly deployers: readonly string[];
  readonly state: StateBucket;
  readonly imageRepositoryArn: string;
  readonly boundaryArn: string;
  /** Roles beside this one that it must not touch. */
  readonly otherRoles: readonly string[];
}

/** Characters of a managed policy that IAM counts. */
const POLICY_SIZE = 6144;

/**
 * What a deploy runs as: everything that the stacks after `delivery` declare, by name where AWS lets one name it, and
 * nothing of `delivery` itself, which an administrator applies.
 */
export class DeployRole extends Role {
  constructor(scope: Construct, id: string, props: DeployRoleProps) {
    const { name, github, githubEnvironment, deployers, state } = props;
    super(scope, id, {
      name,
      description: "Deploys the stacks of the platform",
      trust: [github.jobs([`environment:${githubEnvironment}`]), ...byHand(deployers)],
      // A first deploy waits for the database, the certificate and the nodes.
      maxSessionSeconds: 2 * 60 * 60,
      statements: [
        ...state.readStatements(),
        ...state.lockStatements(),
        ...state.writeStatements(),
        ...denials({
          account: props.account,
          stateBucketArn: state.arn,
          stateKeyArn: state.keyArn,
          roles: [name, ...props.otherRoles],
        }),
      ],
    });
    this.grant("Resources", `${name}-resources`, resourceRights(props));
    this.grant("Identities", `${name}-identities`, identityRights(props));
  }

  /** An inline policy holds too little for all of it. */
  private grant(id: string, policyName: string, statements: readonly Statement[]): void {
    const policy = policyDocument(statements);
    check(this, [
      [policy.length <= POLICY_SIZE, `policy ${policyName} has ${policy.length} characters; IAM takes ${POLICY_SIZE}`],
    ]);
    const managed = new IamPolicy(this, id, {
      name: policyName,
      description: "What a deploy may do",
      policy,
    });
    new IamRolePolicyAttachment(this, `${id}Attachment`, { role: this.name, policyArn: managed.arn });
  }
}

function byHand(principals: readonly string[]): readonly Statement[] {
  if (principals.length === 0) return [];
  return [{ sid: "Deployers", principals: { AWS: principals }, actions: ["sts:AssumeRole"] }];
}
