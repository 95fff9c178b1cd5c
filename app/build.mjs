/**
 * Bundles every entry point of the application: the services, the simulator, the commands, and the migrations beside them.
 * Packages stay outside of the bundles, so that tracing can instrument them, and native ones load.
 *
 *   node app/build.mjs [folder, app/dist unless said otherwise]
 */
import { cp, glob, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const app = dirname(fileURLToPath(import.meta.url));
const dist = resolve(process.argv[2] ?? join(app, "dist"));

/** `services/market-data/main.ts` becomes `market-data.js`, any `commands/migrate.ts` `migrate.js`. */
const nameOf = (entry) => (basename(entry) === "main.ts" ? basename(dirname(entry)) : basename(entry, ".ts"));

const entries = [];
const patterns = ["services/*/main.ts", "packages/simulator/main.ts", "{database,services/*}/commands/*.ts"];
for (const pattern of patterns) for await (const entry of glob(pattern, { cwd: app })) entries.push(entry);

await rm(dist, { recursive: true, force: true });
await build({
  absWorkingDir: app,
  entryPoints: Object.fromEntries(entries.sort().map((entry) => [nameOf(entry), entry])),
  outdir: dist,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "cjs",
  target: "node24",
  sourcemap: "linked",
  // Logs and errors name classes and functions as they are written.
  keepNames: true,
  logLevel: "warning",
});
await cp(join(app, "database", "migrations"), join(dist, "migrations"), { recursive: true });
