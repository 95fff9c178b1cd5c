/**
 * Bundles the page into a folder: `node app/web/build.mjs <folder>`.
 */
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(web, "dist"));

await mkdir(folder, { recursive: true });
await build({
  absWorkingDir: web,
  entryPoints: { page: "main.ts" },
  outdir: folder,
  bundle: true,
  platform: "browser",
  format: "esm",
  target: ["chrome120", "firefox120", "safari17"],
  minify: true,
  sourcemap: "linked",
  logLevel: "warning",
});
for (const file of ["index.html", "style.css", "NOTICE.txt"]) await copyFile(join(web, file), join(folder, file));
