import type { Wafv2WebAclRule } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { statementBlock } from "./statement";
import type { Statement } from "./statement";

export interface Rule {
  /** Also the name of the rule's CloudWatch metric; letters, digits, hyphens. */
  readonly name: string;
  readonly looksFor: Statement;
  /** Status that a blocked request is answered with. @default 403 */
  readonly answers?: number;
}

/**
 * Rules as the web ACL takes them, evaluated in the order given. A managed group acts by itself, so it has an
 * override, which must be "none"; with an action in its place AWS refuses the ACL.
 *
 * @throws Error when two rules share a name
 */
export function webAclRules(rules: readonly Rule[]): Wafv2WebAclRule[] {
  const names = rules.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`web ACL rule "${twice}" stands twice: give each its own name`);
  return rules.map(({ name, looksFor, answers }, priority) => ({
    name,
    priority,
    ...(looksFor.kind === "managed"
      ? { overrideAction: { none: {} } }
      : { action: { block: answers === undefined ? {} : { customResponse: { responseCode: answers } } } }),
    statement: statementBlock(looksFor),
    visibilityConfig: visibility(name),
  }));
}

/** Counted in CloudWatch, with samples of what matched. */
export function visibility(metricName: string) {
  return { metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
