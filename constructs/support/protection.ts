import type { TerraformResource } from "cdktf";
import type { IConstruct } from "constructs";

/** A guarded default turned off on purpose; the reason appears in the synthesized output. */
export interface OptOut {
  readonly reason: string;
}

/** Whether data is protected from deletion, or the reason why it is not. */
export type Protection = true | OptOut;

export const isProtected = (protection: Protection): boolean => protection === true;

/**
 * Guards a resource that holds data with `prevent_destroy`; applied after the caller's properties, so that only an
 * opt-out with its reason removes it.
 */
export function protect(resource: TerraformResource, protection: Protection): void {
  if (protection === true) {
    resource.lifecycle = { ...resource.lifecycle, preventDestroy: true };
  } else {
    noteOptOut(resource, "prevent_destroy", protection);
  }
}

/** Shows an opt-out and its reason in the synthesized output, under the resource's own metadata. */
export function noteOptOut(resource: TerraformResource, setting: string, optOut: OptOut): void {
  resource.node.addMetadata(optOutMetadata, { setting, ...optOut });
  const optOuts = optOutsOf(resource).map(({ setting: name, reason }) => `${name}: ${reason}`);
  resource.addOverride("//.optOuts", optOuts);
}

const optOutMetadata = "optOut";

/** The opt-outs noted on a construct: what policy rules accept in place of the guarded setting. */
export function optOutsOf(construct: IConstruct): readonly (OptOut & { readonly setting: string })[] {
  return construct.node.metadata
    .filter((entry) => entry.type === optOutMetadata)
    .map((entry) => entry.data as OptOut & { readonly setting: string });
}
