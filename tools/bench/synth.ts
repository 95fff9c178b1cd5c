/**
 * `npm run bench:synth [runs]`: synthesis of all production stacks by this project's app command and by ts-node as the
 * cdktf template has it, against an app without a single resource; under the cdktf CLI, and the commands alone. The
 * runs take turns, so that a busy machine slows all of them.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { localFolder, projectRoot } from "../../lib/paths";
import { measure } from "./measure";
import type { Command, Sample } from "./measure";
import { spread } from "./statistics";
import { table } from "./table";

const cdktf = join(projectRoot, "node_modules/cdktf-cli/bundle/bin/cdktf");
const tsNode = join(projectRoot, "node_modules/ts-node/dist/bin.js");

const environment = {
  ENVIRONMENTS: "production",
  CHECKPOINT_DISABLE: "1",
  CI: "1",
  PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
};

main(Number(process.argv[2] ?? 7)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function main(runs: number): Promise<void> {
  mkdirSync(localFolder, { recursive: true });
  const folder = mkdtempSync(join(localFolder, "bench-"));
  try {
    const apps = {
      "empty app": ["node", emptyApp(folder)],
      "this project": ["node", "tools/synth.mjs"],
      // Without the condition, ts-node's require does not find the packages that are ES modules only.
      "ts-node": ["node", "--conditions=import", tsNode, "--project", tsNodeConfig(folder), "main.ts"],
    };
    const commands = Object.entries(apps).flatMap(([name, app]): [string, Command][] => [
      [`${name}, under the CLI`, underCli(folder, app)],
      [`${name}, alone`, alone(folder, app)],
    ]);
    const measured = Object.fromEntries(commands.map(([name]): [string, Sample[]] => [name, []]));
    // Once unmeasured: compile caches, the page cache, and the digest of the sources that the types were checked for.
    for (const [, command] of commands) await measure(command);
    for (let run = 0; run < runs; run += 1) {
      for (const [name, command] of commands) measured[name]?.push(await measure(command));
    }
    const ratio = (one: string, other: string) =>
      (medianSeconds(measured[one] ?? []) / medianSeconds(measured[other] ?? [])).toFixed(2);
    console.log(`Synthesis of the production stacks, ${runs} runs each:\n`);
    console.log(table(measured));
    console.log(
      `\nthis project / empty app: ${ratio("this project, under the CLI", "empty app, under the CLI")} under the CLI`,
    );
    for (const how of ["under the CLI", "alone"]) {
      console.log(`this project / ts-node:   ${ratio(`this project, ${how}`, `ts-node, ${how}`)} ${how}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function medianSeconds(samples: readonly Sample[]): number {
  return spread(samples.map(({ seconds }) => seconds)).median;
}

/** The way that the CLI starts it: with `node` found on the PATH. */
function underCli(folder: string, app: readonly string[]): Command {
  const args = [cdktf, "synth", "--app", app.join(" "), "--output", join(folder, "cdktf.out")];
  return { file: process.execPath, args, cwd: projectRoot, env: environment };
}

function alone(folder: string, [, ...args]: readonly string[]): Command {
  const outdir = join(folder, "cdktf.out");
  return { file: process.execPath, args, cwd: projectRoot, env: { ...environment, CDKTF_OUTDIR: outdir } };
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
    module: "nodenext",
    moduleResolution: "nodenext",
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
