/**
 * Runs main.ts with the packages of a trial: `node tools/successor/synthesize.mjs <folder>`. The program is bundled
 * into the trial's folder, so that Node looks for its packages there first and in the project's node_modules after.
 */
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { bundle } from "../run.mjs";

const folder = resolve(process.argv[2]);
const program = await bundle("main.ts", join(folder, "main.cjs"), { sourcemap: false });
const require = createRequire(program);
require(program);

// Classes are compared by identity: each package of the library must be the trial's, under the one name of its alias.
const library = /^(.*\/node_modules)\/(cdkt[fn]|@cdkt[fn]\/[^/]+|constructs)\//;
for (const file of Object.keys(require.cache)) {
  const [, modules, name] = library.exec(file) ?? [];
  if (modules === undefined) continue;
  if (modules === join(folder, "node_modules") && !/^@?cdktn/.test(name)) continue;
  process.stderr.write(
    `${name} was loaded from ${modules}: not the trial's, or a second copy of it. ` +
      "`npm run successor -- --fresh` installs the trial again.\n",
  );
  process.exitCode = 1;
  break;
}
