import { z } from "zod";
import { environmentSchema, relationProblems } from "./environment";
import type { Environment } from "./environment";
import { child, soundPart } from "./relations";
import type { Problem } from "./relations";

/** What is wrong with the configuration, one problem a line; what an operator reads in place of a stack trace. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";

  constructor(readonly problems: readonly string[]) {
    const counted = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    super(`The configuration has ${counted}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  }
}

/**
 * An environment's configuration, checked in full.
 *
 * @throws ConfigurationError with every problem, each with its config path and what would be right
 */
export function validateEnvironment(input: unknown, name: string): Environment {
  const shape = environmentSchema.safeParse(input, { error: inOperatorsWords });
  const issues = shape.error?.issues ?? [];
  const problems: readonly Problem[] = [
    ...issues,
    ...relationProblems(soundPart(input, issues)),
    ...misnamed(input, name),
  ];
  if (shape.success && problems.length === 0) return shape.data;
  throw new ConfigurationError(
    problems.map(({ path, message }) =>
      [[name, ...path].join("."), ...shown(path.reduce<unknown>(child, input)), message].join(" "),
    ),
  );
}

/** An environment is found by its file's name in index.ts, and names its stacks by its own. */
function misnamed(input: unknown, name: string): readonly Problem[] {
  const own = child(input, "name");
  return typeof own === "string" && own !== name ? [{ path: ["name"], message: `is not its name; use "${name}"` }] : [];
}

/** A value as a reader recognises it in the configuration; of objects and lists the path says enough. */
function shown(value: unknown): readonly string[] {
  return typeof value === "object" || value === undefined ? [] : [JSON.stringify(value)];
}

/** Follows the path and the value, where zod's own wording would start "Too big: expected number to be <=65535". */
const inOperatorsWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "unrecognized_keys":
      return `has the unknown ${issue.keys.length === 1 ? "key" : "keys"} ${issue.keys.map((key) => `"${key}"`).join(", ")}; check the spelling`;
    case "invalid_type":
      return issue.input === undefined
        ? `is missing; use a value of type ${issue.expected}`
        : `is not of type ${issue.expected}`;
    case "too_small":
      return `is too ${issue.origin === "number" ? "small" : "short"}; use at least ${issue.minimum}`;
    case "too_big":
      return `is too ${issue.origin === "number" ? "big" : "long"}; use at most ${issue.maximum}`;
    case "invalid_value":
      return issue.input === undefined
        ? `is missing; use one of ${z.util.joinValues(issue.values, ", ")}`
        : `is not one of ${z.util.joinValues(issue.values, ", ")}`;
    case "invalid_union":
      return Array.isArray(issue.options) ? `is not one of ${issue.options.map(String).join(", ")}` : undefined;
    default:
      return undefined;
  }
};
