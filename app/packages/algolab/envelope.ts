/** Every answer of the broker. Keys come as `success` or `Success`, depending on the endpoint and the year. */
export interface Envelope {
  readonly success: boolean;
  readonly message: string;
  readonly content: unknown;
}

/** @throws SyntaxError when the text is not an answer of the broker. */
export function parseEnvelope(text: string): Envelope {
  const fields = fieldsOf(JSON.parse(text));
  const success = fields?.get("success");
  if (fields === undefined || typeof success !== "boolean") {
    throw new SyntaxError(`an answer has a boolean "success"; got ${text.slice(0, 80)}`);
  }
  return { success, message: asText(fields.get("message")), content: fields.get("content") ?? null };
}

/** The fields of an object by lower-case name, or undefined for anything else. */
export function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const fields = new Map<string, unknown>();
  for (const [key, field] of Object.entries(value)) fields.set(storable(key).toLowerCase(), field);
  return fields;
}

/** JSON can name characters that no database takes as text: NUL, and halves of a surrogate pair. */
export const storable = (text: string) =>
  text.isWellFormed() && !text.includes("\0") ? text : text.toWellFormed().replaceAll("\0", "");

/** Text as the broker means it: null and absent are "". */
export function asText(value: unknown): string {
  if (typeof value === "string") return storable(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
