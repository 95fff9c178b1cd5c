/**
 * The app command of cdktf.json: checks the types and runs main.ts, side by side.
 *
 * A digest over every source names what was bundled and what was checked: both are done again as soon as a byte of it
 * changes, and only then. A type error fails the synthesis, so that neither stale JavaScript nor a program that does
 * not compile ever writes a plan.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { bundle, root } from "./run.mjs";

const SOURCES = [
  "main.ts",
  "tsconfig.json",
  "tsconfig.synth.json",
  "package-lock.json",
  "tools/run.mjs",
  "tools/synth.mjs",
  "config",
  "lib",
  "constructs",
  "stacks",
  "policy",
];
const CONSTANTS = "app/packages/contract";
const cache = join(root, ".cache", "synth");

function digest() {
  const hash = createHash("sha256");
  const add = (path) => {
    hash
      .update(path)
      .update("\0")
      .update(readFileSync(join(root, path)))
      .update("\0");
  };
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith(".ts")) add(path);
    }
  };
  for (const source of [...SOURCES, CONSTANTS]) {
    if (/\.\w+$/.test(source)) add(source);
    else walk(source);
  }
  return hash.digest("hex");
}

/** Removes what earlier sources left behind; what is an hour old no other run is about to start. */
function tidy() {
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (statSync(path, { throwIfNoEntry: false })?.mtimeMs < anHourAgo) rmSync(path, { force: true });
  }
}

function run(args) {
  return new Promise((done) => {
    spawn(process.execPath, args, { cwd: root, stdio: "inherit" }).on("exit", (code) => {
      done(code ?? 1);
    });
  });
}

/** Runs the program here; one that throws is run again in a way that its stack trace shows the sources. */
async function runProgram(file) {
  try {
    // cdktf keeps a stack trace for every token, a sixth of the time, and shows them only where cdktf itself is debugged.
    Object.defineProperty(Error, "stackTraceLimit", { get: () => 0, set() {} });
    module.createRequire(import.meta.url)(file);
    return process.exitCode ?? 0;
  } catch {
    const traced = await bundle("main.ts", file.replace(/\.cjs$/, ".traced.cjs"));
    return (await run(["--enable-source-maps", traced])) || 1;
  }
}

module.enableCompileCache(join(root, ".cache", "node"));
const sources = digest();
const program = join(cache, `${sources}.cjs`);
const checked = join(cache, `${sources}.checked`);

const types = existsSync(checked)
  ? Promise.resolve(0)
  : run([join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.synth.json"]);
if (!existsSync(program)) {
  mkdirSync(cache, { recursive: true });
  tidy();
  await bundle("main.ts", program, { sourcemap: false });
}
const programCode = await runProgram(program);
const typesCode = await types;

if (typesCode === 0) {
  writeFileSync(checked, "");
} else {
  // What was written does not come from a program that compiles: leave nothing that could be deployed.
  rmSync(join(root, process.env.CDKTF_OUTDIR ?? "cdktf.out", "manifest.json"), { force: true });
  process.stderr.write("The types do not check: nothing was synthesized.\n");
}
process.exitCode = typesCode || programCode;
