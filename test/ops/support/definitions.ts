import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
      readonly subresources?: { readonly status?: object };
    }[];
  };
}

type Schema = Readonly<Record<string, unknown>>;

interface Known {
  readonly validate: ValidateFunction;
  readonly hasStatus: boolean;
}

const ajv = new Ajv({ strict: false, allErrors: true, useDefaults: true });
addFormats(ajv);

const known = new Map<string, Known>(
  readdirSync(DEFINITIONS).flatMap((file) => {
    const { spec } = JSON.parse(readFileSync(join(DEFINITIONS, file), "utf8")) as Definition;
    return spec.versions.map(({ name, schema, subresources }): [string, Known] => [
      `${spec.group}/${name} ${spec.names.kind}`,
      { validate: ajv.compile(closed(schema.openAPIV3Schema)), hasStatus: subresources?.status !== undefined },
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

/** Whether the status of such an object is written apart from the rest. */
export const hasStatus = ({ apiVersion, kind }: KubernetesObject) =>
  known.get(`${apiVersion} ${kind}`)?.hasStatus ?? true;

/** What the object's definition does not allow; nothing for kinds that are Kubernetes's own. */
export function problemsOf(object: KubernetesObject): readonly string[] {
  const { validate } = known.get(`${object.apiVersion} ${object.kind}`) ?? {};
  if (validate === undefined || validate(object)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message = "", params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
