import ts from "typescript";

/** A schema that a custom-resource definition may have: every field has a type or says that it takes anything. */
export interface StructuralSchema {
  readonly type?: "object" | "array" | "string" | "number" | "boolean";
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly required?: readonly string[];
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema;
  readonly enum?: readonly string[];
  readonly "x-kubernetes-int-or-string"?: true;
  readonly "x-kubernetes-preserve-unknown-fields"?: true;
}

const anything: StructuralSchema = { "x-kubernetes-preserve-unknown-fields": true };

/**
 * The schema of the values that a TypeScript type describes.
 *
 * @throws Error that names the field whose type no schema can say
 */
export function structuralSchema(checker: ts.TypeChecker, type: ts.Type, path = "value"): StructuralSchema {
  const is = (flags: ts.TypeFlags) => (type.flags & flags) !== 0;
  if (is(ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return anything;
  if (is(ts.TypeFlags.StringLike) && !type.isUnion()) return stringOf([type]);
  if (is(ts.TypeFlags.NumberLike)) return { type: "number" };
  if (is(ts.TypeFlags.BooleanLike)) return { type: "boolean" };
  if (type.isUnion()) return unionOf(checker, type, path);
  if (checker.isArrayType(type)) {
    const [element] = checker.getTypeArguments(type as ts.TypeReference);
    if (element !== undefined) return { type: "array", items: structuralSchema(checker, element, `${path}[]`) };
  }
  if (is(ts.TypeFlags.Object)) return objectOf(checker, type, path);
  throw new Error(`${path} is of type ${checker.typeToString(type)}, which no schema can say`);
}

function stringOf(types: readonly ts.Type[]): StructuralSchema {
  const values = types.flatMap((type) => (type.isStringLiteral() ? [type.value] : []));
  // The compiler orders a union's members by when it first met them.
  return values.length < types.length ? { type: "string" } : { type: "string", enum: values.sort() };
}

function unionOf(checker: ts.TypeChecker, union: ts.UnionType, path: string): StructuralSchema {
  const empty = ts.TypeFlags.Undefined | ts.TypeFlags.Null;
  const types = union.types.filter((type) => (type.flags & empty) === 0);
  const all = (flags: ts.TypeFlags) => types.every((type) => (type.flags & flags) !== 0);
  const [only] = types;
  if (only !== undefined && types.length === 1) return structuralSchema(checker, only, path);
  if (all(ts.TypeFlags.BooleanLike)) return { type: "boolean" };
  if (all(ts.TypeFlags.StringLike)) return stringOf(types);
  if (all(ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike)) return { "x-kubernetes-int-or-string": true };
  return anything;
}

function objectOf(checker: ts.TypeChecker, type: ts.Type, path: string): StructuralSchema {
  const values = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  if (values !== undefined) {
    return { type: "object", additionalProperties: structuralSchema(checker, values, `${path}.*`) };
  }
  const fields = checker.getPropertiesOfType(type);
  if (fields.length === 0) return { type: "object", ...anything };
  const properties = fields.map((field) => [
    field.name,
    structuralSchema(checker, checker.getTypeOfSymbol(field), `${path}.${field.name}`),
  ]);
  const required = fields.filter((field) => (field.flags & ts.SymbolFlags.Optional) === 0).map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries(properties) as Record<string, StructuralSchema>,
    ...(required.length > 0 ? { required } : {}),
  };
}
