import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Fn, propertyAccess, Token } from "cdktf";
import { Construct } from "constructs";
import { formatReleaseState, unreleased } from "../../../config/schema/release-state";
import type { Colour } from "../../../config/schema/release-state";
import { noteOptOut, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";

export interface ReleaseParameterProps {
  /** For example `/bist-trading-prod/release`. */
  readonly name: string;
  readonly protection: Protection;
}

/**
 * What is released, in one parameter that is created here and belongs to the operators from then on: a deploy reads
 * what a release wrote and never puts back what it wrote itself.
 *
 * `insecure_value`, since the other attribute hides every weight of a plan; the value is no secret.
 */
export class ReleaseParameter extends Construct {
  readonly name: string;
  private readonly parameter: SsmParameter;

  constructor(scope: Construct, id: string, props: ReleaseParameterProps) {
    super(scope, id);
    this.parameter = new SsmParameter(this, "Resource", {
      name: props.name,
      description: "What is released: live colour, images and weights. Written by releases, not by deploys.",
      type: "String",
      insecureValue: formatReleaseState(unreleased),
      lifecycle: { ignoreChanges: ["insecure_value"] },
    });
    protect(this.parameter, props.protection);
    noteOptOut(this.parameter, "CKV2_AWS_34", { reason: "The release state is no secret, and plans have to show it." });
    this.name = props.name;
  }

  /** Percent of requests that a colour gets, as the last release left it. */
  weight(colour: Colour): number {
    const state: unknown = Fn.jsondecode(this.parameter.insecureValue);
    return Token.asNumber(propertyAccess(state, ["weights", colour]));
  }
}
