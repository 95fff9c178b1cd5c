import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import Ajv from "ajv";
import type { ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { projectRoot } from "../../../lib/paths";
import type { KubernetesObject } from "../../../ops/kubernetes/objects";

/** The chart that defines the custom kinds on a control plane of this machine. */
export const DEFINITIONS = join(projectRoot, "charts/custom-resource-definitions/templates");

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

type Schema = Readonly<Record<string, unknown>>;

interface Known {
  readonly validate: ValidateFunction;
  /** Fields that cannot change, by their path. */
  readonly fixed: readonly string[];
}

const ajv = new Ajv({ strict: false, allErrors: true, useDefaults: true });
addFormats(ajv);

const known = new Map<string, Known>(
  readdirSync(DEFINITIONS).flatMap((file) => {
    const { spec } = JSON.parse(readFileSync(join(DEFINITIONS, file), "utf8")) as Definition;
    return spec.versions.map(({ name, schema }): [string, Known] => [
      `${spec.group}/${name} ${spec.names.kind}`,
      { validate: ajv.compile(closed(schema.openAPIV3Schema)), fixed: fixedIn(schema.openAPIV3Schema) },
    ]);
  }),
);

/** An API server drops what a definition does not know; here it is a mistake. */
function closed(schema: Schema): Schema {
  const { properties, items, additionalProperties, nullable } = schema;
  const isOpen = typeof properties !== "object" || additionalProperties !== undefined;
  return {
    ...schema,
    ...(typeof properties !== "object" || properties === null
      ? {}
      : {
          properties: Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, closed(one as Schema)])),
        }),
    ...(typeof items === "object" ? { items: closed(items as Schema) } : {}),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: closed(additionalProperties as Schema) }
      : {}),
    ...(isOpen || schema["x-kubernetes-preserve-unknown-fields"] === true ? {} : { additionalProperties: false }),
    ...(nullable === true && typeof schema["type"] === "string" ? { type: [schema["type"], "null"] } : {}),
  };
}

/** Of the definitions' rules in CEL, those that compare a field with what it was. */
function fixedIn(schema: Schema, path: readonly string[] = []): readonly string[] {
  const rules = (schema["x-kubernetes-validations"] ?? []) as readonly { readonly rule: string }[];
  const own = rules.some(({ rule }) => ["self == oldSelf", "oldSelf == self"].includes(rule)) ? [path.join(".")] : [];
  const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Schema>>);
  return [...own, ...properties.flatMap(([key, one]) => fixedIn(one, [...path, key]))];
}

/** What of a change the object's definition does not allow. */
export function problemsOfChange(before: KubernetesObject, after: KubernetesObject): readonly string[] {
  const { fixed = [] } = known.get(`${after.apiVersion} ${after.kind}`) ?? {};
  return fixed
    .filter((path) => !isDeepStrictEqual(at(before, path), at(after, path)))
    .map((path) => `${path} is immutable`);
}

const at = (object: unknown, path: string): unknown =>
  path.split(".").reduce((found: unknown, key) => (found as Record<string, unknown> | undefined)?.[key], object);

/** What the object's definition does not allow; nothing for kinds that are Kubernetes's own. */
export function problemsOf(object: KubernetesObject): readonly string[] {
  const { validate } = known.get(`${object.apiVersion} ${object.kind}`) ?? {};
  if (validate === undefined || validate(object)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message = "", params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
