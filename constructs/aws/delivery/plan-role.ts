import type { Construct } from "constructs";
import { Role } from "../iam/role";
import type { GithubTrust } from "./github-trust";
import { readActions } from "./reads";
import type { StateBucket } from "./state-bucket";

export interface PlanRoleProps {
  readonly name: string;
  readonly github: GithubTrust;
  readonly state: StateBucket;
}

/**
 * What a pull request runs as: it sees the settings of everything and the states, and changes nothing but locks and the
 * record of drift. Whoever may push a branch may run anything in this role, so it reads no secret's value.
 */
export class PlanRole extends Role {
  constructor(scope: Construct, id: string, { name, github, state }: PlanRoleProps) {
    super(scope, id, {
      name,
      description: "Plans of pull requests and branches; changes nothing",
      trust: [github.jobs(["pull_request", "ref:*"])],
      statements: [
        { sid: "ReadSettings", actions: readActions, resources: ["*"] },
        ...state.readStatements(),
        ...state.lockStatements(),
        ...state.driftStatements(),
        {
          sid: "NeverReadSecrets",
          effect: "Deny",
          actions: ["secretsmanager:GetSecretValue", "ssm:GetParameterHistory"],
          resources: ["*"],
        },
      ],
    });
  }
}
