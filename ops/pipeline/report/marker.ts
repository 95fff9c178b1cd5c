import { z } from "zod";
import { isEmpty } from "../plan/changes";
import type { EnvironmentReport } from "./report";

/** What a reviewer had before them: for each stack that changes, the digest of its changes. */
export interface Review {
  readonly environment: string;
  readonly digests: Readonly<Record<string, string>>;
}

const reviewSchema = z.strictObject({
  environment: z.string(),
  digests: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
});

export function reviewOf({ environment, stacks }: EnvironmentReport): Review {
  const changed = stacks.flatMap((report) =>
    report.outcome === "planned" && !isEmpty(report.changes) ? [[report.stack, report.digest] as const] : [],
  );
  return { environment, digests: Object.fromEntries(changed) };
}

/** How an environment's comment begins: by it the comment is found again. */
export const markerStart = (environment: string) => `<!-- plan-of:${environment} `;

/** A line that GitHub does not show. */
export function marker(review: Review): string {
  return `${markerStart(review.environment)}${JSON.stringify(review)} -->`;
}

/** The review that a comment stands for; undefined where it is about something else. */
export function reviewIn(comment: string, environment: string): Review | undefined {
  const start = markerStart(environment);
  if (!comment.startsWith(start)) return undefined;
  try {
    return reviewSchema.parse(JSON.parse(comment.slice(start.length, comment.indexOf(" -->"))));
  } catch {
    return undefined;
  }
}
