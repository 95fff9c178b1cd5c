import type { App } from "cdktf";
import type { Environment } from "../config";
import { boundRoles, workloadBoundaryArn } from "../constructs/aws/delivery/workload-boundary";
import { ClusterStack } from "./cluster-stack";
import { DataStack } from "./data-stack";
import { DeliveryStack } from "./delivery-stack";
import { EdgeStack } from "./edge-stack";
import { NetworkStack } from "./network-stack";
import { ObservabilityStack } from "./observability-stack";
import { PlatformStack } from "./platform-stack";
import { TradingStack } from "./trading-stack";

/** One environment's stacks, in the order in which they are deployed. */
export function environmentStacks(app: App, environment: Environment) {
  const delivery = new DeliveryStack(app, environment);
  const network = new NetworkStack(app, environment);
  const cluster = new ClusterStack(app, environment, network.outputs);
  const data = new DataStack(app, environment, network.outputs);
  const edge = new EdgeStack(app, environment, network.outputs);
  const platform = new PlatformStack(app, environment, {
    network: network.outputs,
    cluster: cluster.outputs,
    edge: edge.outputs,
  });
  const upstream = { cluster: cluster.outputs, data: data.outputs, edge: edge.outputs };
  const observability = new ObservabilityStack(app, environment, upstream);
  const trading = new TradingStack(app, environment, upstream);
  // Their objects are of kinds that the platform's charts bring.
  for (const stack of [observability, trading]) stack.addDependency(platform);
  // The deploy role may create roles within these bounds only.
  const boundary = workloadBoundaryArn(environment.prefix, environment.aws);
  for (const stack of [network, cluster, data, edge]) boundRoles(stack, boundary);
  return { delivery, network, cluster, data, edge, platform, observability, trading };
}
