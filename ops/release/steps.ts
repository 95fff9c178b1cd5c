import { serviceKeys, services } from "../../app/packages/contract/services";
import type { Colour, ReleaseState } from "../../config/schema/release-state";
import { deploymentName } from "../../config/names";
import { MINUTE_MS } from "../core/clock";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { runBootstrap } from "./bootstrap";
import { ReleaseHistory } from "./history";
import type { ReleasePlan } from "./plan";
import { scale, scaleToZero, settled, targetsHealthy } from "./pods";
import { smoke } from "./smoke";
import { watch } from "./watch";

/**
 * A release, step by step. Each move changes the listener's weights before the release parameter, and undoes them after it, so
 * that a deploy never finds a move in it that the load balancer has not made. `announce` moves nothing.
 */
export function releaseSteps(plan: ReleasePlan, context: Context): readonly Step[] {
  const { image, from, to, before, replicas } = plan;
  const { platform, records, clock } = context;
  const history = new ReleaseHistory(records);
  const moves = plan.weights.flatMap((percent) => moveSteps(plan, context, percent));
  return [
    {
      name: "bootstrap",
      description: "prepare the database with the new image",
      run: async () => {
        const said = await runBootstrap(context, plan.job, image);
        await history.keepDatabase(plan.migrations);
        return said;
      },
    },
    {
      name: "announce",
      description: `write into the release parameter that ${to} stands by with the new image`,
      run: () => done(platform.release.write(stateAt(plan, 0))),
      undo: () => platform.release.write(before),
    },
    {
      name: "scale up",
      description: `bring ${to} up with ${podsOf(replicas)}`,
      run: () => done(scale(context, to, replicas, image)),
      undo: () => scaleToZero(context, to, plan.idleImages),
    },
    { name: "roll out", description: `wait until every pod of ${to} is ready`, run: () => settled(context, to) },
    {
      name: "health",
      description: `see that the load balancer finds ${to} healthy`,
      run: () => targetsHealthy(context, to, replicas),
    },
    { name: "smoke", description: `walk a trader's path through ${to}`, run: () => smoke(context, to) },
    ...moves,
    {
      name: "settle",
      description: `write into the release parameter that ${to} is live`,
      final: true,
      run: async () => {
        await platform.release.write(settledState(plan));
        await history.keepImage({ image, migrations: [...plan.migrations], releasedAt: clock.now().toISOString() });
        return undefined;
      },
    },
    ...(plan.keepPrevious
      ? []
      : [
          {
            name: "scale down",
            description: `take the pods of ${from} away`,
            final: true,
            run: () => done(scaleToZero(context, from)),
          },
        ]),
  ];
}

/** A share of the requests moved, and watched. */
function moveSteps(plan: ReleasePlan, context: Context, percent: number): readonly Step[] {
  const { platform } = context;
  const { to } = plan;
  const state = stateAt(plan, percent);
  return [
    {
      name: `weights ${percent}`,
      description: `give ${to} ${percent} % of the requests`,
      run: async () => {
        await platform.loadBalancer.setWeights(state.weights);
        await platform.release.write(state);
        return undefined;
      },
      // At once all the way, whichever move it was.
      undo: () => retreat(plan, context),
    },
    {
      name: `watch ${percent}`,
      description: `watch errors and times to answer of ${to} for ${plan.soak} min at ${percent} %`,
      run: () => watch(context, to, { ...plan, durationMs: plan.soak * MINUTE_MS }),
    },
  ];
}

async function retreat(plan: ReleasePlan, { platform }: Context): Promise<void> {
  const state = stateAt(plan, 0);
  await platform.release.write(state);
  await platform.loadBalancer.setWeights(state.weights);
}

/** What the release parameter says while the new colour gets so many percent. */
function stateAt({ before, from, to, image, liveImage }: ReleasePlan, percent: number): ReleaseState {
  const share = (colour: Colour) => (colour === to ? percent : 100 - percent);
  return {
    ...before,
    live: from,
    images: imagesOf(to, image, liveImage),
    weights: { blue: share("blue"), green: share("green") },
    standby: true,
  };
}

/** What the release parameter says at the end. */
export function settledState({ before, to, image, liveImage, keepPrevious }: ReleasePlan): ReleaseState {
  const { standby: _, ...rest } = before;
  const share = (colour: Colour) => (colour === to ? 100 : 0);
  return {
    ...rest,
    live: to,
    images: imagesOf(to, image, liveImage),
    weights: { blue: share("blue"), green: share("green") },
    ...(keepPrevious ? { standby: true } : {}),
  };
}

const imagesOf = (to: Colour, image: string, liveImage: string) => ({
  blue: to === "blue" ? image : liveImage,
  green: to === "green" ? image : liveImage,
});

const podsOf = (replicas: ReleasePlan["replicas"]) =>
  serviceKeys
    .map((key) => `${replicas[key]} of ${deploymentName(services[key], "blue").replace(/-blue$/, "")}`)
    .join(", ");

const done = (work: Promise<unknown>): Promise<undefined> => work.then(() => undefined);
