/** One statement of an IAM policy, in IAM's own terms. */
export interface Statement {
  /** Says what the statement is for; letters and digits only. */
  readonly sid: string;
  /** @default Allow */
  readonly effect?: "Allow" | "Deny";
  /** Whom a resource or trust policy is about; absent in a role's own policy. */
  readonly principals?: Principals;
  readonly actions: readonly string[];
  /** Absent in a trust policy. */
  readonly resources?: readonly string[];
  /** Operator, then key, then values: `{ StringEquals: { "aws:SourceAccount": ["111122223333"] } }`. */
  readonly conditions?: Conditions;
}

export type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** `"*"` is everyone, to be narrowed by conditions. */
export type Principals =
  | "*"
  | {
      readonly AWS?: readonly string[];
      readonly Service?: readonly string[];
      readonly Federated?: readonly string[];
    };

/**
 * An IAM policy as JSON. Values that Terraform computes may stand inside strings, so that a plan shows everything
 * else of the policy as it will be.
 *
 * @throws Error when a sid is not letters and digits, or stands twice, which IAM refuses only at apply
 */
export function policyDocument(statements: readonly Statement[]): string {
  const sids = statements.map(({ sid }) => sid);
  for (const [index, sid] of sids.entries()) {
    if (!/^[A-Za-z0-9]+$/.test(sid)) throw new Error(`policy statement "${sid}": a sid is letters and digits only`);
    if (sids.indexOf(sid) !== index) throw new Error(`policy statement "${sid}" stands twice: give each its own sid`);
  }
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ sid, effect = "Allow", principals, actions, resources, conditions }) => ({
      Sid: sid,
      Effect: effect,
      Principal: principals,
      Action: actions,
      Resource: resources,
      Condition: conditions,
    })),
  });
}
