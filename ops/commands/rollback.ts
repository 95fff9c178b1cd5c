import { operation } from "../core/command";
import { refused } from "../core/outcome";
import { otherColour, planRelease } from "../release/plan";
import type { ReleasePlan } from "../release/plan";
import { standingSteps } from "../release/standing";
import type { StandingPlan } from "../release/standing";
import { releaseSteps } from "../release/steps";
import { watchOptions } from "./release";

interface RollbackInput {
  readonly soak: number;
  readonly maxErrors: number;
  readonly maxLatency: number;
}

/** Back to pods that still stand, or a release of what was live before. */
type RollbackPlan =
  ({ readonly way: "standing" } & StandingPlan) | { readonly way: "release"; readonly release: ReleasePlan };

export const rollback = operation<RollbackInput, RollbackPlan>({
  name: "rollback",
  summary: "Goes back to the image that was live before",
  explanation:
    "Where the previous colour's pods still stand (a release with --keep-previous), all requests go back to them at once. " +
    "Else the previous image is released again, straight to 100 percent. A release that is under way is not rolled back " +
    "but taken back: `operation undo`.",
  options: watchOptions,
  examples: [
    { line: "rollback --env production --confirm production", description: "the previous image is live again" },
    { line: "rollback --env production --dry-run", description: "shows which way it would go" },
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
