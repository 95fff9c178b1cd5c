import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { headCommit, requireContained } from "../../../ops/pipeline/git";

describe("a tag", () => {
  const folder = mkdtempSync(join(tmpdir(), "pipeline-git-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@x.test", ...args], {
      cwd: folder,
      encoding: "utf8",
    }).trim();
  const commit = (message: string) => git("commit", "--quiet", "--allow-empty", "--message", message);

  beforeAll(() => {
    git("init", "--quiet", "--initial-branch", "main");
    commit("first");
    git("switch", "--quiet", "--create", "fix");
    commit("fix");
    git("tag", "v1.0.1");
    git("switch", "--quiet", "main");
    git("merge", "--quiet", "--no-ff", "--message", "merge", "fix");
    git("switch", "--quiet", "--create", "aside");
    commit("aside");
    git("tag", "--annotate", "--message", "aside", "v2.0.0");
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("of a branch that main contains may be released", () => {
    expect(requireContained("v1.0.1", "main", folder)).toBe(git("rev-parse", "v1.0.1"));
  });

  test("of a commit that main does not contain may not", () => {
    expect(() => requireContained("v2.0.0", "main", folder)).toThrow(
      /^v2\.0\.0 is commit [0-9a-f]{12}, which main does not contain: merge it first, then tag it$/,
    );
  });

  test("that is not there, or whose branch is not, is asked for", () => {
    expect(() => requireContained("v9", "main", folder)).toThrow("There is no tag v9 here; fetch it: git fetch --tags");
    expect(() => requireContained("v1.0.1", "origin/main", folder)).toThrow(/^There is no origin\/main here; fetch it/);
  });

  test("outside a clone there is no commit to plan", () => {
    expect(headCommit(folder)).toBe(git("rev-parse", "HEAD"));
    expect(() => headCommit(tmpdir())).toThrow(/^The commit of this code cannot be read: /);
  });
});
