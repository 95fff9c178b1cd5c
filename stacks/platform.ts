import type { App } from "cdktf";
import type { Environment } from "../config";
import { NetworkStack } from "./network-stack";

/** One environment's stacks, in the order in which they are deployed. */
export function platform(app: App, environment: Environment) {
  const network = new NetworkStack(app, environment);
  return { network };
}
