import { TerraformResource } from "cdktf";
import type { TerraformProvider } from "cdktf";
import type { IConstruct } from "constructs";

/** Places every resource below a construct with another provider: what CloudFront uses lives in us-east-1. */
export function placeWith(provider: TerraformProvider, construct: IConstruct): void {
  for (const child of construct.node.findAll()) {
    if (child instanceof TerraformResource) child.provider = provider;
  }
}
