/** A `cdk.tf.json`, as far as the comparison knows it. */
interface Stack {
  readonly terraform?: {
    readonly backend?: Readonly<Record<string, unknown>>;
    readonly required_providers?: Readonly<Record<string, Provider>>;
  };
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
}
type Blocks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A Terraform provider: what bindings were generated from, and what a stack requires. */
export interface Provider {
  /** With or without what is Terraform's default: `aws`, `hashicorp/aws`, `registry.terraform.io/hashicorp/aws`. */
  readonly source: string;
  readonly version: string;
}

/** One side of the comparison. */
export interface SynthesizedStacks {
  /** `cdk.tf.json` of every stack, by stack id. */
  readonly stacks: ReadonlyMap<string, string>;
  /** The providers that this side's bindings were generated from. */
  readonly providers: readonly Provider[];
}

export interface StackComparison {
  readonly id: string;
  /** What today's stack holds: `12 resources, 3 data sources, 2 providers, 4 outputs, backend s3`. */
  readonly contents: string;
  readonly differences: readonly Difference[];
}

/** A value that is not the same on both sides; undefined where there is none. */
export interface Difference {
  /** For example `resource.aws_vpc.Network.cidr_block`. */
  readonly path: string;
  readonly today: unknown;
  readonly successor: unknown;
}

/**
 * Every stack of either side, with where the two differ in what Terraform reads. Left out are the library's notes
 * (`//`), the order of keys, and a required version that is the one of the side's own bindings.
 */
export function compareStacks(today: SynthesizedStacks, successor: SynthesizedStacks): readonly StackComparison[] {
  const ids = new Set([...today.stacks.keys(), ...successor.stacks.keys()]);
  return [...ids].map((id) => {
    const before = parse(today.stacks.get(id));
    const after = parse(successor.stacks.get(id));
    return {
      id,
      contents: contents(before),
      differences: differences(comparable(before, today.providers), comparable(after, successor.providers)),
    };
  });
}

/** A difference in a line; long values are cut. */
export function describeDifference({ path, today, successor }: Difference): string {
  return `${path}: ${shortened(today)} today, ${shortened(successor)} by the successor`;
}

/** `hashicorp/aws`, however a stack spells it. */
export function providerAddress(source: string): string {
  const address = source.replace(/^registry\.terraform\.io\//, "");
  return address.includes("/") ? address : `hashicorp/${address}`;
}

function differences(today: unknown, successor: unknown, path: readonly string[] = []): readonly Difference[] {
  if (isContainer(today) && isContainer(successor) && Array.isArray(today) === Array.isArray(successor)) {
    const keys = new Set([...Object.keys(today), ...Object.keys(successor)]);
    keys.delete("//");
    return [...keys].flatMap((key) => differences(today[key], successor[key], [...path, key]));
  }
  return today === successor ? [] : [{ path: path.join("."), today, successor }];
}

function comparable(stack: Stack, providers: readonly Provider[]): Stack {
  const required = stack.terraform?.required_providers;
  if (required === undefined) return stack;
  const generatedFrom = new Map(providers.map(({ source, version }) => [providerAddress(source), version]));
  const addressed = Object.entries(required).map(([name, provider]) => {
    const source = providerAddress(provider.source);
    const version = provider.version === generatedFrom.get(source) ? "of the bindings" : provider.version;
    return [name, { ...provider, source, version }] as const;
  });
  return { ...stack, terraform: { ...stack.terraform, required_providers: Object.fromEntries(addressed) } };
}

function contents({ terraform, resource, data, provider, output }: Stack): string {
  const blocks = (all: Blocks = {}) => Object.values(all).reduce((sum, named) => sum + names(named), 0);
  return [
    `${blocks(resource)} resources`,
    `${blocks(data)} data sources`,
    `${names(provider)} providers`,
    `${names(output)} outputs`,
    `backend ${Object.keys(terraform?.backend ?? {}).join()}`,
  ].join(", ");
}

function parse(text = "{}"): Stack {
  return JSON.parse(text) as Stack;
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function names(named: Readonly<Record<string, unknown>> = {}): number {
  return Object.keys(named).filter((name) => name !== "//").length;
}

function shortened(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
