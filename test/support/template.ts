import { TerraformStack, Testing } from "cdktf";
import type { App, TerraformResource } from "cdktf";
import { invokeAspects } from "cdktf/lib/synthesize/synthesizer";

/** What Terraform reads of a stack, reduced to what tests ask for. */
export interface Synthesized {
  readonly resource?: Record<string, Record<string, Block>>;
  readonly data?: Record<string, Record<string, Block>>;
  readonly output?: Record<string, { readonly value: unknown; readonly sensitive?: boolean }>;
  readonly [block: string]: unknown;
}
export type Block = Record<string, unknown>;

/** A provider class, by the Terraform type that it stands for. */
interface TerraformType {
  readonly tfResourceType: string;
}

/** An empty stack in an app of its own: where a construct under test lives. */
export function testStack(id = "test"): TerraformStack {
  return new TerraformStack(Testing.app(), id);
}

/** An app as main.ts makes it, that writes to a folder of the test's own. */
export function testApp(): App {
  return Testing.app();
}

/** The stack as Terraform would read it, aspects applied. */
export function synthesize(stack: TerraformStack): Synthesized {
  stack.prepareStack();
  invokeAspects(stack);
  return JSON.parse(Testing.synth(stack)) as Synthesized;
}

/** Every resource of a type, without the metadata that cdktf adds. */
export function resources(stack: TerraformStack, type: TerraformType): Block[] {
  return blocks(synthesize(stack).resource?.[type.tfResourceType]);
}

/** Every data source of a type, without the metadata that cdktf adds. */
export function dataSources(stack: TerraformStack, type: TerraformType): Block[] {
  return blocks(synthesize(stack).data?.[type.tfResourceType]);
}

/** The one resource of a type; fails when there are none or several. */
export function only(stack: TerraformStack, type: TerraformType): Block {
  const found = resources(stack, type);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`expected one ${type.tfResourceType} in ${stack.node.id}, found ${found.length}`);
  }
  return first;
}

/** Error and warning annotations below a stack, after aspects: `[path] message`. */
export function annotations(stack: TerraformStack, level: "error" | "warn" = "error"): string[] {
  invokeAspects(stack);
  return stack.node
    .findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter((entry) => entry.type === `@cdktf/${level}`)
        .map((entry) => `[${construct.node.path}] ${String(entry.data)}`),
    );
}

/** Constructs of a class below a stack, for assertions on what is not synthesized. */
export function children<T extends TerraformResource>(stack: TerraformStack, type: new (...args: never[]) => T): T[] {
  return stack.node.findAll().filter((construct): construct is T => construct instanceof type);
}

function blocks(found: Record<string, Block> | undefined): Block[] {
  return Object.values(found ?? {}).map(({ "//": _metadata, ...block }) => block);
}
