import { Token } from "cdktf";
import type { IResolvable, TerraformElement, TerraformStack } from "cdktf";

/** A class of the provider's: `DbInstance`. */
export interface ElementType<E extends TerraformElement> {
  /** Terraform's name of a resource; providers have none. */
  readonly tfResourceType?: string;
  // Constructors differ in what they take; a rule makes none.
  new (...args: never[]): E;
}

/** A security rule that every element of one class must comply with at every synthesis. */
export interface Rule<E extends TerraformElement = TerraformElement> {
  /** Of checkov (`CKV_AWS_16`), which names the CIS control too, or of this project (`BIST_1`). */
  readonly id: string;
  /** What holds, as a sentence. */
  readonly title: string;
  readonly appliesTo: readonly ElementType<E>[];
  /** Whether the element complies; a rule about related resources looks at the rest of its stack. */
  complies(element: E, stack: TerraformStack): boolean;
  /** What to do about an element that does not. */
  readonly remedy: string;
  /** The setting that an opt-out noted on the element names, where the construct offers one. */
  readonly optOut?: string;
}

/** Declares a rule for every element of a class, or of several. */
export function rule<E extends TerraformElement>(
  appliesTo: ElementType<E> | readonly ElementType<E>[],
  rest: Omit<Rule<E>, "appliesTo">,
): Rule<E> {
  return { appliesTo: [appliesTo].flat(), ...rest };
}

/** Thrown through a rule by `known`: what Terraform computes is neither right nor wrong at synthesis. */
export class NotApplicable extends Error {}

/**
 * A value that synthesis knows.
 *
 * @throws NotApplicable for a token, which leaves the element out of the rule
 */
export function known<T>(value: T): Exclude<T, IResolvable> {
  if (Token.isUnresolved(value)) throw new NotApplicable();
  return value as Exclude<T, IResolvable>;
}
