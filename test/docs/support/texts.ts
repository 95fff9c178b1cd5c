import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(__dirname, "../../..");

/** Folders that hold nothing of the project's own. */
const foreign = new Set([".git", ".cache", ".local", "cdktf.out", "node_modules", "coverage", "dist"]);
const textual = /\.(?:tsx?|mjs|cjs|js|py|md|sql|ya?ml|json|css|html|sh|go|mod)$|Dockerfile$/;

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return foreign.has(entry.name) ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** The project's files, by their paths from its root. */
export const files: readonly string[] = filesBelow("");

/** Those of them that people read and write. */
export const texts = files.filter((path) => textual.test(path) && path !== "package-lock.json");

/** The pages for people: README, changelog and everything in `docs`. */
export const pages: readonly string[] = [
  "README.md",
  "CHANGELOG.md",
  ...texts.filter((path) => path.startsWith("docs/") && path.endsWith(".md")),
];

export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
