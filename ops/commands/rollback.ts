import type { Colour, ReleaseState } from "../../config/schema/release-state";
import { operation, type Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { otherColour, planRelease, type ReleasePlan } from "../release/plan";
import { scaleToZero, settled } from "../release/pods";
import { releaseSteps } from "../release/steps";
import { watchOptions } from "./release";

interface RollbackInput {
  readonly soak: number;
  readonly maxErrors: number;
  readonly maxLatency: number;
}

/** Back to pods that still stand, or a release of what was live before. */
type RollbackPlan =
  | { readonly way: "standing"; readonly from: Colour; readonly to: Colour; readonly before: ReleaseState }
  | { readonly way: "release"; readonly release: ReleasePlan };

export const rollback = operation<RollbackInput, RollbackPlan>({
  name: "rollback",
  summary: "Goes back to the image that was live before",
  explanation:
    "Where the previous colour's pods still stand (a release with --keep-previous), all requests go back to them at once. " +
    "Else the previous image is released again, straight to 100 percent. A release that is under way is not rolled back " +
    "but taken back: `operation undo`.",
  options: watchOptions,
  examples: [
    { line: "rollback --env production --confirm production", does: "the previous image is live again" },
    { line: "rollback --env production --dry-run", does: "tells which way it would go" },
  ],
  async plan(context, input) {
    const before = await context.platform.release.read();
    const to = otherColour(before.live);
    const image = before.images[to];
    if (image === "")
      throw refused(`Nothing was live before ${before.images[before.live]}: there is no image to go back to`);
    if (before.standby === true) return { way: "standing", from: before.live, to, before };
    const options = { ...input, weights: [100], keepPrevious: false };
    return { way: "release", release: await planRelease(context, image, options) };
  },
  steps: (plan, context) =>
    plan.way === "release" ? releaseSteps(plan.release, context) : standingSteps(plan, context),
  answer: (plan) => {
    const { to } = plan.way === "release" ? plan.release : plan;
    const image = plan.way === "release" ? plan.release.image : plan.before.images[to];
    return { lines: [`${to} is live again with ${image}.`], data: { live: to, image } };
  },
});

/** Weights first: every second counts, and what is wrong with the live colour is wrong already. */
function standingSteps(
  { from, to, before }: Extract<RollbackPlan, { readonly way: "standing" }>,
  context: Context,
): readonly Step[] {
  const { loadBalancer, release } = context.platform;
  const weights = { blue: to === "blue" ? 100 : 0, green: to === "green" ? 100 : 0 };
  const { standby: _, ...rest } = before;
  return [
    { name: "standing", does: `see that the pods of ${to} are ready`, run: () => settled(context, to) },
    {
      name: "weights",
      does: `give ${to} all requests`,
      run: async () => {
        await release.write({ ...before, weights });
        await loadBalancer.weigh(weights);
        return undefined;
      },
      undo: async () => {
        await release.write(before);
        await loadBalancer.weigh(before.weights);
      },
    },
    {
      name: "settle",
      does: `write into the release parameter that ${to} is live`,
      final: true,
      run: () => release.write({ ...rest, live: to, weights }).then(() => undefined),
    },
    {
      name: "scale down",
      does: `take the pods of ${from} away`,
      final: true,
      run: () => scaleToZero(context, from).then(() => undefined),
    },
  ];
}
