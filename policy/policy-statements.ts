import { NotApplicable } from "./rule";

/** A statement of an IAM policy document; what may be one value or a list is a list. */
export interface PolicyStatement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  /** Operator, then key, then values. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/**
 * The statements of a policy document. References may stand inside its strings.
 *
 * @throws NotApplicable when the whole document comes from Terraform
 */
export function statementsOf(document: string | undefined): readonly PolicyStatement[] {
  const parsed = parse(document ?? "{}");
  return list(parsed.Statement ?? []).map(({ Effect, Action, Resource, Condition }) => ({
    Effect,
    Action: list(Action ?? []),
    Resource: list(Resource ?? []),
    Condition:
      Condition &&
      mapValues(Condition, (keys) => mapValues(keys, (values) => list(values).map((value) => String(value)))),
  }));
}

interface Document {
  readonly Statement?: OneOrMany<{
    readonly Effect: string;
    readonly Action?: OneOrMany<string>;
    readonly Resource?: OneOrMany<string>;
    readonly Condition?: Record<string, Record<string, OneOrMany<string | boolean>>>;
  }>;
}

type OneOrMany<T> = T | readonly T[];

function parse(document: string): Document {
  try {
    return JSON.parse(document) as Document;
  } catch {
    throw new NotApplicable();
  }
}

function list<T>(value: OneOrMany<T>): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function mapValues<T, U>(record: Record<string, T>, convert: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value)]));
}
