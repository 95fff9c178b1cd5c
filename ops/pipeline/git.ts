import { spawnSync } from "node:child_process";
import { projectRoot } from "../../lib/paths";

/** Commit of the code in the work tree. @throws Error outside a clone */
export function headCommit(cwd = projectRoot): string {
  const { status, stdout, stderr } = git(["rev-parse", "HEAD"], cwd);
  if (status !== 0) throw new Error(`The commit of this code cannot be read: ${stderr.trim()}`);
  return stdout.trim();
}

/**
 * Refuses a tag of a commit that a branch does not contain: whatever is released went through its reviews.
 *
 * @returns the commit
 * @throws Error that says what is missing
 */
export function requireContained(tag: string, branch: string, cwd = projectRoot): string {
  const commit = git(["rev-parse", "--verify", "--quiet", `refs/tags/${tag}^{commit}`], cwd);
  if (commit.status !== 0) throw new Error(`There is no tag ${tag} here; fetch it: git fetch --tags`);
  if (git(["rev-parse", "--verify", "--quiet", branch], cwd).status !== 0) {
    throw new Error(`There is no ${branch} here; fetch it, with its history: git fetch origin`);
  }
  const id = commit.stdout.trim();
  if (git(["merge-base", "--is-ancestor", id, branch], cwd).status !== 0) {
    throw new Error(
      `${tag} is commit ${id.slice(0, 12)}, which ${branch} does not contain: merge it first, then tag it`,
    );
  }
  return id;
}

function git(args: readonly string[], cwd: string) {
  return spawnSync("git", args, { cwd, encoding: "utf8" });
}
