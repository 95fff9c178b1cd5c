import { ConfigurationError } from "../../config";
import { production } from "../../config/production";
import { validateEnvironment } from "../../config/schema/validate";

/** Production's configuration with one value changed, by its path. */
export function changed(...changes: readonly (readonly [path: string, value: unknown])[]): unknown {
  const copy: unknown = structuredClone(production);
  for (const [path, value] of changes) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const parent = keys.reduce((object, key) => (object as Record<string, unknown>)[key], copy) as Record<
      string,
      unknown
    >;
    if (value === undefined) Reflect.deleteProperty(parent, last);
    else parent[last] = value;
  }
  return copy;
}

/** What an operator reads of a configuration, a problem a line. */
export function problems(input: unknown): readonly string[] {
  try {
    validateEnvironment(input, "production");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems;
  }
}
