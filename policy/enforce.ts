import { Annotations, Aspects, TerraformElement, TerraformStack } from "cdktf";
import type { App, IAspect } from "cdktf";
import type { IConstruct } from "constructs";
import { optOutsOf } from "../constructs/support/protection";
import { NotApplicable } from "./rule";
import type { Rule } from "./rule";
import { rules } from "./rules";

/** What a rule says of an element. */
export type Verdict = "complies" | "violates" | "excepted" | "not applicable";

/** Judges one element by one rule. */
export function judge(rule: Rule, element: TerraformElement): Verdict {
  if (!rule.appliesTo.some((type) => element instanceof type)) return "not applicable";
  try {
    if (rule.complies(element, TerraformStack.of(element))) return "complies";
  } catch (error) {
    if (error instanceof NotApplicable) return "not applicable";
    throw error;
  }
  const accepted = [rule.id, rule.optOut];
  return optOutsOf(element).some(({ setting }) => accepted.includes(setting)) ? "excepted" : "violates";
}

/** Marks every element that breaks a rule with an error, which stops the synthesis. */
class SecurityPolicy implements IAspect {
  visit(node: IConstruct): void {
    if (!(node instanceof TerraformElement)) return;
    for (const rule of rules) {
      if (judge(rule, node) === "violates") Annotations.of(node).addError(`${rule.id} ${rule.title}: ${rule.remedy}`);
    }
  }
}

/** Puts every stack of an app under the policy. cdktf asks the aspects of stacks only, not those of the app. */
export function enforcePolicy(app: App): void {
  for (const stack of app.node.findAll().filter((node) => TerraformStack.isStack(node))) {
    Aspects.of(stack).add(new SecurityPolicy());
  }
}
