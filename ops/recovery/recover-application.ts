import { serviceKeys, services } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import type { Colour, ReleaseState } from "../../config/schema/release-state";
import { podsAtLeast } from "../../config/schema/trading";
import { autoscalerName, deploymentName } from "../../config/names";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { OperationError, refused } from "../core/outcome";
import { runBootstrap } from "../release/bootstrap";
import { healthy } from "../release/healthy";
import { ReleaseHistory } from "../release/history";
import { bootstrapJobName, otherColour } from "../release/plan";
import { eachService, scale, scaleToZero, settled } from "../release/pods";
import { requireDeclared } from "./declared";

type PerService<T> = Readonly<Record<ServiceKey, T>>;

/** The live colour as it should be, and as it was found. */
export interface ApplicationRecovery {
  readonly live: Colour;
  /** The last good release. */
  readonly image: string;
  /** Whether it was ever released; else it is what the stack declares. */
  readonly released: boolean;
  readonly replicas: PerService<number>;
  readonly before: ReleaseState;
  readonly found: PerService<{ readonly image: string; readonly wanted: number }>;
  /** Shares that the rules gave. */
  readonly foundWeights: ReleaseState["weights"];
  readonly job: string;
}

/** @throws OperationError with `refused` where a deploy has to come first, or no good image is left */
export async function planApplicationRecovery(context: Context): Promise<ApplicationRecovery> {
  await requireDeclared(context);
  const { platform, clock } = context;
  const before = await platform.release.read();
  const { live } = before;
  const found = await perService(async (key) => {
    const { image, wanted } = await platform.cluster.workload(deploymentName(services[key], live));
    return { image, wanted };
  });
  const good = await lastGoodImage(context, before);
  // Rules that do not agree were never meant: the parameter is.
  const [foundWeights = before.weights, ...others] = await platform.loadBalancer.weights();
  return {
    live,
    image: good ?? found.userManagement.image,
    released: good !== undefined,
    replicas: await perService((key) => declaredReplicas(context, before, key)),
    before,
    found,
    foundWeights: others.length === 0 ? foundWeights : before.weights,
    job: bootstrapJobName(clock),
  };
}

/** Image that went live last and can still be pulled; undefined where nothing was ever released. */
async function lastGoodImage({ platform, records }: Context, state: ReleaseState): Promise<string | undefined> {
  const history = (await new ReleaseHistory(records).released()).map(({ image }) => image);
  // The parameter names an image live only once its last move has been watched.
  const known = [...new Set([state.images[state.live], ...history])].filter((image) => image !== "");
  for (const image of known) {
    try {
      await platform.registry.require(image);
      return image;
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
    }
  }
  if (known.length === 0) return undefined;
  throw refused(
    `None of the images that were ever live is in the registry any more (${known.join(", ")}): push one again, or ` +
      "`maintenance update` to a new one",
  );
}

/** What a deploy would give it; more where its autoscaler wants more. */
async function declaredReplicas({ environment, platform }: Context, state: ReleaseState, key: ServiceKey) {
  const declared = state.replicas?.[services[key].name] ?? podsAtLeast(environment.trading.services[key]);
  const autoscaler = await platform.cluster.autoscaler(autoscalerName(services[key], state.live));
  return Math.max(declared, autoscaler?.current ?? 0);
}

/** Puts the live colour back to the last good release, with fresh pods, all requests, and the page off. */
export function applicationRecoverySteps(plan: ApplicationRecovery, context: Context): readonly Step[] {
  const { live, image, released, replicas, before, found, foundWeights, job } = plan;
  const { cluster, loadBalancer, release } = context.platform;
  const idle = otherColour(live);
  const { standby: _, ...rest } = before;
  const weights = { blue: live === "blue" ? 100 : 0, green: live === "green" ? 100 : 0 };
  const images = released ? { ...before.images, [live]: image } : before.images;
  return [
    {
      name: "bootstrap",
      description: `prepare the database with ${image}`,
      run: () => runBootstrap(context, job, image),
    },
    {
      name: "announce",
      description: `write into the release parameter that ${live} is live with it, alone`,
      run: () => release.write({ ...rest, images, weights }).then(() => undefined),
      undo: () => release.write(before),
    },
    {
      name: "replace",
      description: `give ${live} fresh pods of it, as many as are declared`,
      run: async () => {
        await scale(context, live, replicas, image);
        await eachService(context, live, (_key, name) => cluster.restart(name, job));
        return settled(context, live);
      },
      undo: () =>
        eachService(context, live, (key, name) =>
          cluster.change(name, { image: found[key].image, replicas: found[key].wanted }),
        ),
    },
    { name: "health", description: `see that ${live} is healthy`, run: () => healthy(context, live) },
    {
      name: "weights",
      description: `give ${live} all requests`,
      run: () => loadBalancer.setWeights(weights).then(() => undefined),
      undo: () => loadBalancer.setWeights(foundWeights),
    },
    {
      name: "page off",
      description: "let traders in, if the maintenance page was on",
      run: () => loadBalancer.reopenToTraders().then(() => undefined),
      final: true,
    },
    {
      name: "scale down",
      description: `take the pods of ${idle} away`,
      run: () => scaleToZero(context, idle).then(() => undefined),
      final: true,
    },
  ];
}

async function perService<T>(look: (key: ServiceKey) => Promise<T>): Promise<PerService<T>> {
  const entries = await Promise.all(serviceKeys.map(async (key) => [key, await look(key)] as const));
  return Object.fromEntries(entries) as PerService<T>;
}
