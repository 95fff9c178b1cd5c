import { serviceKeys, services } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import type { Environment } from "../../config";
import { connectionsFitTheServers } from "../../config/schema/connections";
import type { Sound } from "../../config/schema/relations";
import { colours } from "../../config/schema/release-state";
import type { Colour, ReleaseState } from "../../config/schema/release-state";
import { autoscalerName, deploymentName } from "../../config/names";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { settled } from "../release/pods";

export interface ScalePlan {
  readonly service: ServiceKey;
  readonly replicas: number;
  readonly live: Colour;
  /** The release parameter as it was. */
  readonly before: ReleaseState;
  /** Pods of the live colour as they were. */
  readonly podsBefore: number;
  /** Fewest pods of the autoscaler as they were; undefined where the service has none. */
  readonly minimumBefore?: number;
}

/** @throws OperationError with `refused` for more pods than the autoscaler may bring, or the database has connections for */
export async function planScale(context: Context, service: ServiceKey, replicas: number): Promise<ScalePlan> {
  const { cluster, release } = context.platform;
  const before = await release.read();
  const { live } = before;
  const [{ wanted: podsBefore }, autoscaler] = await Promise.all([
    cluster.workload(deploymentName(services[service], live)),
    cluster.autoscaler(autoscalerName(services[service], live)),
  ]);
  if (autoscaler !== undefined && replicas > autoscaler.max) {
    throw refused(
      `${services[service].name} has at most ${autoscaler.max} pods: raise trading.services.${service}.autoscaling.` +
        `maxReplicas in config/${context.environment.name}.ts and deploy, or ask for ${autoscaler.max}`,
    );
  }
  const [tooMany] = connectionsFitTheServers(withReplicas(context.environment, service, replicas));
  if (tooMany !== undefined) throw refused(`${tooMany.path.join(".")} ${tooMany.message}`);
  return { service, replicas, live, before, podsBefore, minimumBefore: autoscaler?.min };
}

/** The environment as if it gave a service so many pods; an autoscaler's maximum stays. */
function withReplicas(environment: Environment, service: ServiceKey, replicas: number): Sound<Environment> {
  const { services: all } = environment.trading;
  const scaled = { ...all, [service]: { ...all[service], replicas } };
  return { ...environment, trading: { ...environment.trading, services: scaled } };
}

/** Gives a service its number of pods: its fewest, where an autoscaler brings more. */
export function scaleSteps(plan: ScalePlan, context: Context): Step[] {
  const { service, replicas, live, before, podsBefore, minimumBefore } = plan;
  const { release } = context.platform;
  const { name } = services[service];
  const state = { ...before, replicas: { ...before.replicas, [name]: replicas } };
  const scaleTo = async (pods: number, minimum: number | undefined) => {
    const { cluster } = context.platform;
    if (minimum !== undefined) {
      // Of both colours: a deploy gives both the same.
      for (const colour of colours) {
        await cluster.setAutoscalerMinimum(autoscalerName(services[service], colour), minimum);
      }
    }
    await cluster.change(deploymentName(services[service], live), { replicas: pods });
  };
  return [
    {
      name: "announce",
      description: `write ${replicas} pods of ${name} into the release parameter`,
      run: () => release.write(state).then(() => undefined),
      undo: () => release.write(before),
    },
    {
      name: "scale",
      description: `give ${name} ${minimumBefore === undefined ? "" : "at least "}${replicas} pods`,
      run: async () => {
        await scaleTo(replicas, minimumBefore === undefined ? undefined : replicas);
        return settled(context, live);
      },
      undo: () => scaleTo(podsBefore, minimumBefore),
    },
  ];
}

export const serviceCalled = (name: string) => serviceKeys.find((key) => services[key].name === name);
