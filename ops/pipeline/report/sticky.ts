import type { Github } from "../github";
import { markerStart, reviewIn } from "./marker";
import type { Review } from "./marker";

/** Whose comments count: what a workflow's own token writes as. */
const AUTHOR = "github-actions[bot]";

/** Writes an environment's comment on a pull request: the one that is there is changed, so that there is one. */
export async function stick(
  github: Github,
  pullRequest: number,
  environment: string,
  body: string,
): Promise<"added" | "changed"> {
  const mine = (await github.comments(pullRequest)).find(
    (comment) => comment.user?.login === AUTHOR && comment.body?.startsWith(markerStart(environment)) === true,
  );
  if (mine === undefined) {
    await github.addComment(pullRequest, body);
    return "added";
  }
  await github.changeComment(mine.id, body);
  return "changed";
}

/** What was reviewed of an environment in the pull requests that brought a commit. */
export async function reviewsOf(github: Github, commit: string, environment: string): Promise<readonly Review[]> {
  const reviews: Review[] = [];
  for (const pullRequest of await github.mergedWith(commit)) {
    for (const { body, user } of await github.comments(pullRequest)) {
      const review = user?.login === AUTHOR && body ? reviewIn(body, environment) : undefined;
      if (review !== undefined) reviews.push(review);
    }
  }
  return reviews;
}
