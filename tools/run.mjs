/**
 * Runs a TypeScript entry point: `node tools/run.mjs local/start.ts [arguments]`.
 * Bundles the project's own files afresh each time (a few milliseconds), so stale JavaScript never runs.
 */
import { renameSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { requireNode } from "./node-version.mjs";

requireNode();

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Packages that can be imported but not required are bundled with the project, which is CommonJS as cdktf is. */
const importOnly = {
  name: "import-only",
  setup(build) {
    build.onResolve({ filter: /^@?kubernetes-models(\/|$)/ }, ({ path }) => ({
      path: fileURLToPath(import.meta.resolve(path)),
    }));
  },
};

/**
 * Bundles `entry` (a path below the root) into a file that can be run, and returns its path. Its source map makes the
 * file three times as long to read.
 */
export async function bundle(
  entry,
  outfile = join(root, ".cache", "run", entry.replaceAll("/", "-").replace(/\.ts$/, ".cjs")),
  { sourcemap = "inline" } = {},
) {
  const { build } = await import("esbuild");
  // Two runs at once must not read each other's half of a file.
  const unfinished = `${outfile}.${process.pid}`;
  await build({
    entryPoints: [join(root, entry)],
    outfile: unfinished,
    bundle: true,
    packages: "external",
    plugins: [importOnly],
    platform: "node",
    format: "cjs",
    target: "node24",
    sourcemap,
    logLevel: "warning",
  });
  renameSync(unfinished, outfile);
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, ...rest] = process.argv.slice(2);
  if (entry === undefined) {
    process.stderr.write("usage: node tools/run.mjs <file.ts> [arguments]\n");
    process.exit(2);
  }
  const file = await bundle(entry);
  process.argv = [process.argv[0], file, ...rest];
  process.setSourceMapsEnabled(true);
  createRequire(import.meta.url)(file);
}
