import { createHash } from "node:crypto";
import { reviewOf } from "./marker";
import type { Review } from "./marker";
import { isApplicable } from "./report";
import type { EnvironmentReport } from "./report";

/** Names everything that a deploy is about to apply: what a person types who has read it. */
export function deployDigest(report: EnvironmentReport): string {
  const { digests } = reviewOf(report);
  const applied = report.stacks.filter(isApplicable).map(({ stack }) => [stack, digests[stack]]);
  return createHash("sha256").update(JSON.stringify(applied)).digest("hex").slice(0, 16);
}

/** Changes that a deploy is about to apply without a review; empty when all were reviewed. */
export function unreviewed(report: EnvironmentReport, reviews: readonly Review[]): readonly string[] {
  return report.stacks.filter(isApplicable).flatMap((planned) => {
    if (planned.outcome !== "planned") return [];
    const seen = reviews.flatMap(({ digests }) => digests[planned.stack] ?? []);
    if (seen.includes(planned.digest)) return [];
    const found =
      seen.length === 0 ? "no change of it was reviewed" : `another plan was reviewed (${seen.map(short).join(", ")})`;
    return [`${planned.stack}: this plan is ${short(planned.digest)}, and ${found}`];
  });
}

const short = (digest: string) => digest.slice(0, 12);
