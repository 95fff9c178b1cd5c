import type { Colour, ReleaseState } from "../../config/schema/release-state";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { scaleToZero, settled } from "./pods";

/** Back to pods that still stand. */
export interface StandingPlan {
  readonly from: Colour;
  readonly to: Colour;
  /** The release parameter as it is. */
  readonly before: ReleaseState;
}

/** Moves the weights before anything else: every second counts, and what is wrong with the live colour is wrong already. */
export function standingSteps({ from, to, before }: StandingPlan, context: Context): readonly Step[] {
  const { loadBalancer, release } = context.platform;
  const weights = { blue: to === "blue" ? 100 : 0, green: to === "green" ? 100 : 0 };
  const { standby: _, ...rest } = before;
  return [
    { name: "standing", description: `see that the pods of ${to} are ready`, run: () => settled(context, to) },
    {
      name: "weights",
      description: `give ${to} all requests`,
      run: async () => {
        await release.write({ ...before, weights });
        await loadBalancer.setWeights(weights);
        return undefined;
      },
      undo: async () => {
        await release.write(before);
        await loadBalancer.setWeights(before.weights);
      },
    },
    {
      name: "settle",
      description: `write into the release parameter that ${to} is live`,
      final: true,
      run: () => release.write({ ...rest, live: to, weights }).then(() => undefined),
    },
    {
      name: "scale down",
      description: `take the pods of ${from} away`,
      final: true,
      run: () => scaleToZero(context, from).then(() => undefined),
    },
  ];
}
