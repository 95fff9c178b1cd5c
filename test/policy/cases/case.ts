import type { TerraformElement, TerraformStack } from "cdktf";

/** Builds the element that a rule judges, with whatever related resources it needs. */
export type Build = (stack: TerraformStack) => TerraformElement;

/** Both sides of a rule: every element of `complies` passes, every one of `violates` is stopped. */
export interface Case {
  readonly complies: readonly Build[];
  readonly violates: readonly Build[];
}

/** Cases by the id of their rule. */
export type Cases = Readonly<Record<string, Case>>;
