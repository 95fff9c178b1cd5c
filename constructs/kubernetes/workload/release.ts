import { DataAwsSsmParameter } from "@cdktf/provider-aws/lib/data-aws-ssm-parameter";
import { conditional, Fn, Op, propertyAccess, Token } from "cdktf";
import { Construct } from "constructs";
import type { Colour } from "../../../config/schema/release-state";

/**
 * What is released, read from the parameter that `edge` creates and releases write: a deploy follows a release and
 * never reverts one.
 */
export class CurrentRelease extends Construct {
  private readonly state: unknown;

  constructor(scope: Construct, id: string, parameterName: string) {
    super(scope, id);
    const parameter = new DataAwsSsmParameter(this, "Parameter", { name: parameterName });
    this.state = Fn.jsondecode(parameter.insecureValue);
  }

  /** Image of a colour; before its first release, the one given. */
  image(colour: Colour, beforeFirstRelease: string): string {
    const released = propertyAccess(this.state, ["images", colour]);
    // Takes the first that is not empty.
    return Token.asString(Fn.coalesce([released, beforeFirstRelease]));
  }

  /** Pods of a service's colour: all of them while it is live, gets requests or stands by; none while it is idle. */
  replicas(colour: Colour, service: string, unlessScaled: number): number {
    const live = Op.eq(propertyAccess(this.state, ["live"]), colour);
    const weighted = Op.gte(propertyAccess(this.state, ["weights", colour]), 1);
    const standing: unknown = Fn.try([propertyAccess(this.state, ["standby"]), false]);
    const serving = Op.or(Op.or(live, weighted), standing);
    return Token.asNumber(conditional(serving, this.scaled(service, unlessScaled), 0));
  }

  /** Pods that an operator wants of a service; where none said, the number given. */
  scaled(service: string, unlessScaled: number): number {
    return Token.asNumber(Fn.try([propertyAccess(this.state, ["replicas", service]), unlessScaled]));
  }
}
