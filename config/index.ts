import type { z } from "zod";
import { local } from "./local";
import { production } from "./production";
import { type Environment, type environmentSchema, validateEnvironment } from "./schema/environment";
import { staging } from "./staging";

export type { Environment } from "./schema/environment";
export type EnvironmentInput = z.input<typeof environmentSchema>;

const environments = { production, staging, local } satisfies Record<string, EnvironmentInput>;
export type EnvironmentName = keyof typeof environments;
export const environmentNames = Object.keys(environments) as readonly EnvironmentName[];

/** One environment, validated in full. An unknown name is an error, never a silent production. */
export function environment(name: string): Environment {
  if (!isEnvironmentName(name)) {
    throw new Error(`There is no environment "${name}"; use one of ${environmentNames.join(", ")}`);
  }
  return validateEnvironment(environments[name], name);
}

/**
 * The environments to synthesize: all of them, or those that a comma-separated list names.
 * The problems of every environment are reported together.
 */
export function selectEnvironments(names: string | undefined): readonly Environment[] {
  const wanted = names?.split(",").map((name) => name.trim()) ?? environmentNames;
  const problems: string[] = [];
  const found = wanted.flatMap((name) => {
    try {
      return [environment(name)];
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return found;
}

function isEnvironmentName(name: string): name is EnvironmentName {
  return (environmentNames as readonly string[]).includes(name);
}
