import type { App } from "cdktf";
import type { Environment } from "../config";
import { DataStack } from "./data-stack";
import { EdgeStack } from "./edge-stack";
import { NetworkStack } from "./network-stack";

/** One environment's stacks, in the order in which they are deployed. */
export function platform(app: App, environment: Environment) {
  const network = new NetworkStack(app, environment);
  const data = new DataStack(app, environment, network.outputs);
  const edge = new EdgeStack(app, environment, network.outputs);
  return { network, data, edge };
}
