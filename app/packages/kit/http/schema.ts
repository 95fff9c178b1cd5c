import type { FastifySchemaCompiler, FastifyTypeProvider } from "fastify";
import { Type } from "typebox";
import type { Static, TProperties, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Problem } from "./problem";

/** Lets routes take their types from their typebox schemas. */
export interface TypeboxProvider extends FastifyTypeProvider {
  readonly validator: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
  readonly serializer: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
}

/** An object that refuses members it does not know: what every request body is made of. */
export const Body = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });

/** A decimal as text, since amounts and quantities are never JavaScript numbers. */
export const DecimalText = (options: { readonly description?: string } = {}) =>
  Type.String({ pattern: "^-?\\d{1,18}(\\.\\d{1,8})?$", ...options });

/** An instant as ISO 8601 in UTC. */
export const Instant = (options: { readonly description?: string } = {}) =>
  Type.String({ format: "date-time", ...options });

/** RFC 9457 problem details: the schema of every answer that is an error. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.String(),
    instance: Type.String(),
    correlationId: Type.String(),
    violations: Type.Optional(Type.Array(Type.Object({ code: Type.String(), detail: Type.String() }))),
    problems: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  },
  { $id: "Problem", additionalProperties: true },
);

/** Validates requests with typebox's compiled checks; everything but bodies is converted from text first. */
export const typeboxValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  // Text that stands for itself needs neither: most requests end here.
  const mayTakeAsItIs = !JSON.stringify(schema).includes('"default":');
  return (input: unknown) => {
    if (holdsNul(input))
      return { error: new Problem(400, "INVALID_REQUEST", `${httpPart ?? "request"} holds a NUL character`) };
    if (mayTakeAsItIs && validator.Check(input)) return { value: input };
    const whole = validator.Default(input);
    const value = httpPart === "body" ? whole : asWritten(whole, validator.Convert(structuredClone(whole)));
    if (validator.Check(value)) return { value };
    const problems = validator
      .Errors(value)
      // An unknown member is reported twice: once for itself, once, and better, for its parent.
      .filter(({ keyword }) => keyword !== "boolean")
      .map((error) => ({
        path: `${httpPart ?? "request"}${error.instancePath}`,
        message:
          error.keyword === "additionalProperties"
            ? `has unknown members: ${error.params.additionalProperties.join(", ")}`
            : error.message,
      }));
    return {
      error: new Problem(400, "INVALID_REQUEST", problems.map(({ path, message }) => `${path} ${message}`).join("; "), {
        extensions: { problems },
      }),
    };
  };
};

/** typebox takes "true" for 1, "1.5" for 1 and "0" for false: text becomes only what it is written as. */
function asWritten(texts: unknown, values: unknown): unknown {
  if (typeof texts !== "object" || texts === null || typeof values !== "object" || values === null) return values;
  const given = new Map(Object.entries(texts));
  const kept = Object.entries(values).map(([name, value]: [string, unknown]) => {
    const text: unknown = given.get(name);
    return [name, typeof text === "string" && !isWritten(text, value) ? text : value] as const;
  });
  return Object.fromEntries(kept);
}

function isWritten(text: string, value: unknown): boolean {
  if (typeof value === "number") return /^-?\d+(\.\d+)?$/.test(text) && Number(text) === value;
  return typeof value !== "boolean" || text === String(value);
}

/** PostgreSQL's text has no place for it, wherever in a request it stands. */
function holdsNul(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0");
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(holdsNul);
}
