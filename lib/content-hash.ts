import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What the image is built from, as its Dockerfile copies it. */
const SOURCES = ["package.json", "package-lock.json", "tsconfig.json", "app"];

/** What is made from the sources or belongs to no image: as in Dockerfile.dockerignore. */
const BUILT = new Set(["node_modules", "dist"]);

/**
 * A digest of everything that the application's image is made from, the same on every machine: 64 hexadecimal digits.
 *
 * @param root the root of the repository
 */
export function contentHash(root: string): string {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap((source) => filesOf(root, source)).sort()) {
    const content = createHash("sha256")
      .update(readFileSync(join(root, path)))
      .digest("hex");
    hash.update(`${content}  ${path}\n`);
  }
  return hash.digest("hex");
}

/** Hexadecimal digits of the digest in a tag: 64 bits, enough to keep versions apart. */
const TAG_DIGITS = 16;

/** How the tags of images begin that are named for what they are made from. */
export const CONTENT_TAG = "app-";

/** Tag of the image of these sources. */
export function contentTag(root: string): string {
  return `${CONTENT_TAG}${contentHash(root).slice(0, TAG_DIGITS)}`;
}

/** The files at or below a path, with slashes on every system. */
function filesOf(root: string, path: string): readonly string[] {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path))
    .filter((name) => !BUILT.has(name) && !name.startsWith("."))
    .flatMap((name) => filesOf(root, `${path}/${name}`));
}
