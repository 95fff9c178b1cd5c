import { Release } from "@cdktf/provider-helm/lib/release";
import type { TerraformStack } from "cdktf";
import { resources } from "./template";

/** The values of a release, as the chart gets them. */
export type Values = Readonly<Record<string, unknown>>;

interface ReleaseBlock {
  readonly name: string;
  readonly chart: string;
  readonly version?: string;
  readonly values: readonly [string];
}

/** Every release of a stack, by its name. */
export function releases(stack: TerraformStack): ReadonlyMap<string, ReleaseBlock> {
  return new Map((resources(stack, Release) as unknown as ReleaseBlock[]).map((block) => [block.name, block]));
}

/**
 * @throws Error when the stack has no release of that name
 */
export function valuesOf(stack: TerraformStack, name: string): Values {
  const release = releases(stack).get(name);
  if (release === undefined) throw new Error(`${stack.node.id} has no release ${name}`);
  return JSON.parse(release.values[0]) as Values;
}
