import { TerraformResource } from "cdktf";
import type { TerraformStack } from "cdktf";
import { referencesIn } from "../constructs/support/references";
import type { ElementType } from "./rule";

/**
 * Resources of a class that refer to another one by an attribute: the encryption of a bucket is a resource of its own.
 *
 * @param by the attribute that refers, for example `(encryption) => encryption.bucketInput`
 */
export function relatedResources<R extends TerraformResource>(
  of: TerraformResource,
  stack: TerraformStack,
  type: ElementType<R>,
  by: (candidate: R) => string | undefined,
): readonly R[] {
  return resourcesOf(stack, type).filter((candidate) => refersTo(by(candidate), of));
}

/** Whether a value is made from an attribute of a resource. */
export function refersTo(value: string | undefined, resource: TerraformResource): boolean {
  const attribute = `${resource.terraformResourceType}.${resource.friendlyUniqueId}.`;
  return referencesIn(value)?.some((reference) => reference.startsWith(attribute)) === true;
}

/** Every resource of a class in a stack. */
export function resourcesOf<R extends TerraformResource>(stack: TerraformStack, type: ElementType<R>): readonly R[] {
  return stack.node
    .findAll()
    .filter(
      (node): node is R => node instanceof TerraformResource && node.terraformResourceType === type.tfResourceType,
    );
}
