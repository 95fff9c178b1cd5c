import type { Environment } from "../config";
import { readPort } from "./read-port";

/** The variable that moves the AWS emulator from the port that an environment names. */
const EMULATOR_PORT = { name: "EMULATOR_PORT", byDefault: 4566 } as const;

/**
 * EMULATOR_PORT: port of the AWS emulator on 127.0.0.1.
 *
 * @param problems takes what is wrong with the variable
 */
export function emulatorPort(variables: NodeJS.ProcessEnv, problems: string[]): number {
  return readPort(variables, EMULATOR_PORT, problems);
}

/**
 * An environment with the endpoints that this machine reaches: the emulator may have been moved to another port, as for
 * `npm start`.
 *
 * @throws Error when EMULATOR_PORT is not a port
 */
export function withLocalEndpoints(environment: Environment): Environment {
  if (environment.aws.emulator === undefined) return environment;
  const problems: string[] = [];
  const emulator = `http://127.0.0.1:${emulatorPort(process.env, problems)}`;
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return { ...environment, aws: { ...environment.aws, emulator } };
}
