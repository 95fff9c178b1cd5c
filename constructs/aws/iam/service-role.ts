import type { Construct } from "constructs";
import type { Account } from "../../../config/account";
import { Role } from "./role";
import type { RoleProps } from "./role";

export interface ServiceRoleProps extends Omit<RoleProps, "trust"> {
  /** Service principal, for example `vpc-flow-logs.amazonaws.com`. */
  readonly service: string;
  /**
   * Trusts the service only when it acts for this account, which keeps other accounts' resources from borrowing the
   * role. Not every service says for whom it acts: EC2 does not. @default unconditional
   */
  readonly actingFor?: Account;
}

/** A role that an AWS service assumes. */
export class ServiceRole extends Role {
  constructor(scope: Construct, id: string, { service, actingFor, ...props }: ServiceRoleProps) {
    super(scope, id, {
      ...props,
      trust: [
        {
          sid: "Service",
          principals: { Service: [service] },
          actions: ["sts:AssumeRole"],
          ...(actingFor && { conditions: { StringEquals: { "aws:SourceAccount": [actingFor.accountId] } } }),
        },
      ],
    });
  }
}
