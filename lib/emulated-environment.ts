import type { Environment } from "../config";
import { readSettings } from "../local/settings";

/** An environment as this machine reaches it: the emulator may have been moved to another port, as for `npm start`. */
export function asReached(environment: Environment): Environment {
  if (environment.aws.emulator === undefined) return environment;
  const emulator = `http://127.0.0.1:${readSettings().emulatorPort}`;
  return { ...environment, aws: { ...environment.aws, emulator } };
}
