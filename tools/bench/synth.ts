/**
 * `npm run bench:synth [runs]`: synthesis of all production stacks under the cdktf CLI, by this project's app command
 * and by ts-node as the cdktf template has it, against an app without a single resource. The runs take turns, so that
 * a busy machine slows all of them.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { localFolder, projectRoot } from "../../local/paths";
import { type Command, measure, type Sample } from "./measure";
import { spread } from "./statistics";
import { table } from "./table";

const cdktf = join(projectRoot, "node_modules/cdktf-cli/bundle/bin/cdktf");
const tsNode = join(projectRoot, "node_modules/ts-node/dist/bin.js");

main(Number(process.argv[2] ?? 7)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function main(runs: number): Promise<void> {
  mkdirSync(localFolder, { recursive: true });
  const folder = mkdtempSync(join(localFolder, "bench-"));
  try {
    const commands = {
      "empty app": synth(folder, `node ${emptyApp(folder)}`),
      "this project": synth(folder, "node tools/synth.mjs"),
      "ts-node": synth(folder, `node ${tsNode} --project ${tsNodeConfig(folder)} main.ts`),
    };
    const measured: Record<keyof typeof commands, Sample[]> = { "empty app": [], "this project": [], "ts-node": [] };
    // Once unmeasured: compile caches, the page cache, and the digest of the sources that the types were checked for.
    for (const command of Object.values(commands)) await measure(command);
    for (let run = 0; run < runs; run += 1) {
      for (const name of Object.keys(commands) as (keyof typeof commands)[]) {
        measured[name].push(await measure(commands[name]));
      }
    }
    const median = (name: keyof typeof commands) => spread(measured[name].map(({ seconds }) => seconds)).median;
    console.log(`Synthesis of the production stacks under the cdktf CLI, ${runs} runs each:\n`);
    console.log(table(measured));
    console.log(
      `\nthis project / empty app: ${(median("this project") / median("empty app")).toFixed(2)} (aim: at most 1.30)`,
    );
    console.log(
      `this project / ts-node:   ${(median("this project") / median("ts-node")).toFixed(2)} (aim: at most 0.33)`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function synth(folder: string, app: string): Command {
  return {
    file: process.execPath,
    args: [cdktf, "synth", "--app", app, "--output", join(folder, "cdktf.out")],
    cwd: projectRoot,
    env: {
      ENVIRONMENTS: "production",
      CHECKPOINT_DISABLE: "1",
      CI: "1",
      // The app commands say `node`: the one that runs this.
      PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
    },
  };
}

/** An app of one stack that holds nothing, in JavaScript: what no project can be faster than. */
function emptyApp(folder: string): string {
  const file = join(folder, "empty.cjs");
  const library = JSON.stringify(join(projectRoot, "node_modules/cdktf"));
  writeFileSync(
    file,
    `const { App, TerraformStack } = require(${library});\nconst app = new App();\nnew TerraformStack(app, "empty");\napp.synth();\n`,
  );
  return file;
}

/** ts-node takes CommonJS only; the rest is this project's own configuration, type check included. */
function tsNodeConfig(folder: string): string {
  const file = join(folder, "tsconfig.json");
  const compilerOptions = {
    module: "commonjs",
    moduleResolution: "node10",
    verbatimModuleSyntax: false,
    incremental: false,
    types: ["node"],
    typeRoots: [join(projectRoot, "node_modules/@types")],
  };
  writeFileSync(
    file,
    JSON.stringify({
      extends: join(projectRoot, "tsconfig.json"),
      compilerOptions,
      include: [join(projectRoot, "main.ts")],
    }),
  );
  return file;
}
