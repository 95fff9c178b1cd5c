import { local } from "./local";
import { production } from "./production";
import type { Environment, EnvironmentInput } from "./schema/environment";
import { ConfigurationError, validateEnvironment } from "./schema/validate";
import { staging } from "./staging";

export type { Environment, EnvironmentInput } from "./schema/environment";
export { ConfigurationError } from "./schema/validate";

const environments = { production, staging, local } satisfies Record<string, EnvironmentInput>;
export type EnvironmentName = keyof typeof environments;
export const environmentNames = Object.keys(environments) as readonly EnvironmentName[];

/**
 * The environments to synthesize: all of them, or those that a comma-separated list names. An unknown name is an
 * error, never a silent production.
 *
 * @throws ConfigurationError with the problems of all of them together
 */
export function selectEnvironments(names: string | undefined): readonly Environment[] {
  const wanted = new Set(names?.split(",").map((name) => name.trim()) ?? environmentNames);
  const problems: string[] = [];
  const selected = [...wanted].flatMap((name) => {
    try {
      return [environment(name)];
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new ConfigurationError(problems);
  return selected;
}

/**
 * One environment, validated in full.
 *
 * @throws ConfigurationError for an unknown name, or with everything that is wrong with the environment
 */
export function environment(name: string): Environment {
  if (isEnvironmentName(name)) return validateEnvironment(environments[name], name);
  throw new ConfigurationError([`"${name}" is not an environment; use one of ${environmentNames.join(", ")}`]);
}

function isEnvironmentName(name: string): name is EnvironmentName {
  return Object.hasOwn(environments, name);
}
