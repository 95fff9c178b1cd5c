import { readFileSync } from "node:fs";
import type { z } from "zod";

/** One part of a service's configuration: its variables, and what they make together. */
export interface Section<T> {
  readonly variables: z.ZodRawShape;
  /** @throws ConfigProblem when variables that are each right do not fit together. */
  readonly build: (values: Record<string, unknown>) => T;
  /** Whether all of its variables may be left out; the section is then undefined. @default false */
  readonly isOptional?: boolean;
}

/** Declares a section: `variables` by their names in the environment, `build` makes the typed value from them. */
export const section = <S extends z.ZodRawShape, T>(
  variables: S,
  build: (values: z.infer<z.ZodObject<S>>) => T,
): Section<T> => ({ variables, build: build as Section<T>["build"] });

/**
 * The same section under names of its own, each variable's after `prefix`; undefined where none of them is set. Once one is, the
 * section's rules hold: half a set is no configuration.
 */
export function prefixed<T>(prefix: string, { variables, build }: Section<T>): Section<T | undefined> {
  const named = (text: string) =>
    text.replace(/\b[A-Z][A-Z0-9_]*\b/g, (word) =>
      word.replace(/_FILE$/, "") in variables ? `${prefix}${word}` : word,
    );
  const renamed = Object.entries(variables).map(([name, schema]) => {
    const { expected, ...meta } = ((schema as z.ZodType).meta() ?? {}) as VariableMeta;
    const described = expected === undefined ? meta : { ...meta, expected: named(expected) };
    return [`${prefix}${name}`, (schema as z.ZodType).meta({ ...described })];
  });
  return {
    variables: Object.fromEntries(renamed) as z.ZodRawShape,
    isOptional: true,
    build: (values) => {
      try {
        return build(
          Object.fromEntries(Object.entries(values).map(([name, value]) => [name.slice(prefix.length), value])),
        );
      } catch (error) {
        throw error instanceof ConfigProblem ? new ConfigProblem(named(error.message)) : error;
      }
    },
  };
}

/** A problem that one schema cannot see, raised by a section's `build`. */
export class ConfigProblem extends Error {
  override readonly name = "ConfigProblem";
}

/** Everything that is wrong with the environment, a line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(
      `the configuration is not usable, ${problems.length} problem${problems.length === 1 ? "" : "s"}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;
export type Sections = Readonly<Record<string, Section<unknown>>>;
export type Config<S extends Sections> = { readonly [K in keyof S]: S[K] extends Section<infer T> ? T : never };

/**
 * Reads every section from the environment. `NAME_FILE` stands for `NAME` with the contents of that file, which is
 * how secrets arrive as mounted files; a final line break is not part of the value.
 *
 * @throws ConfigError that lists every problem at once, and never a value that was declared `secret`.
 */
export function readConfig<S extends Sections>(sections: S, environment: Environment = process.env): Config<S> {
  const problems: string[] = [];
  const read = Object.entries(sections).map(([name, { variables, build, isOptional = false }]) => {
    if (isOptional && !Object.keys(variables).some((variable) => isSet(variable, environment)))
      return [name, undefined];
    const before = problems.length;
    const values = Object.fromEntries(
      Object.entries(variables).map(([variable, schema]) => [
        variable,
        readVariable(variable, schema as z.ZodType, environment, problems),
      ]),
    );
    if (problems.length > before) return [name, undefined];
    try {
      return [name, build(values)];
    } catch (error) {
      if (!(error instanceof ConfigProblem)) throw error;
      problems.push(error.message);
      return [name, undefined];
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(read) as Config<S>;
}

const isSet = (name: string, environment: Environment) =>
  [name, `${name}_FILE`].some((variable) => nonEmpty(environment[variable]) !== undefined);

function readVariable(name: string, schema: z.ZodType, environment: Environment, problems: string[]): unknown {
  const direct = nonEmpty(environment[name]);
  const file = nonEmpty(environment[`${name}_FILE`]);
  if (direct !== undefined && file !== undefined) {
    problems.push(`${name} and ${name}_FILE are both set; set one`);
    return undefined;
  }
  const { text, problem } = file === undefined ? { text: direct, problem: undefined } : readSecretFile(name, file);
  if (problem !== undefined) {
    problems.push(problem);
    return undefined;
  }
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  const { expected, secret } = (schema.meta() ?? {}) as VariableMeta;
  const found = text === undefined ? "is missing" : secret ? "is not usable" : `is ${JSON.stringify(text)}`;
  problems.push(
    `${name} ${found}; expected ${expected ?? result.error.issues.map(({ message }) => message).join(", ")}`,
  );
  return undefined;
}

function readSecretFile(name: string, file: string): { text?: string | undefined; problem?: string } {
  try {
    return { text: nonEmpty(readFileSync(file, "utf8").replace(/\r?\n$/, "")) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
    return { problem: `${name}_FILE is ${JSON.stringify(file)}, which cannot be read (${code})` };
  }
}

/** What a variable's schema says about itself beside its rules. */
export interface VariableMeta {
  /** What would be right, to end the sentence "expected ...". */
  readonly expected?: string;
  /** The value is never repeated in a message. */
  readonly secret?: boolean;
}

const nonEmpty = (text: string | undefined) => (text === "" ? undefined : text);
