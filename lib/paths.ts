import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The project's root: entry points run from a bundle, tests from the sources. */
export const projectRoot = findRoot(__dirname);

/** What the local platform keeps on this machine; not part of the repository. */
export const localFolder = join(projectRoot, ".local");

/** The root, seen from `cdktf.out/stacks/<stack>`, where Terraform runs. */
export const ROOT_FROM_STACK = "../../..";

function findRoot(folder: string): string {
  if (existsSync(join(folder, "cdktf.json"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`${__dirname} is not inside the project: no cdktf.json above it`);
  return findRoot(parent);
}
