import type { IConstruct } from "constructs";

/**
 * Refuses a construct's properties early: every failed check in one error that starts with the construct's path.
 *
 * @throws Error when any condition is false
 */
export function check(construct: IConstruct, checks: readonly (readonly [holds: boolean, problem: string])[]): void {
  const problems = checks.filter(([holds]) => !holds).map(([, problem]) => problem);
  if (problems.length === 0) return;
  throw new Error(`${construct.node.path}: ${problems.join("; ")}`);
}
