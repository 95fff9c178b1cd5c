import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildahIn } from "../../../local/image/buildah";
import { postgresClient } from "../../../local/image/machine-bases";

const found = (tool: string) => spawnSync(tool, ["--version"]).status === 0;

/** Suites that build the image: they need buildah, root and PostgreSQL's client, and are skipped by name elsewhere. */
export const describeWithBuildah =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  found("buildah") &&
  found("unshare") &&
  postgresClient.length > 0
    ? describe
    : describe.skip;

/** buildah with a store of images that ends with the test. */
export function temporaryBuildah() {
  const folder = mkdtempSync(join(tmpdir(), "bist-images-"));
  return {
    run: buildahIn("buildah", folder),
    end: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
