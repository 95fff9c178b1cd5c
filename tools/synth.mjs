/**
 * The app command of cdktf.json: checks the types and runs main.ts, side by side.
 *
 * The type check is skipped only when every file it would read is what it was at the last check that passed.
 * What runs is bundled from the sources each time, and a type error fails the synthesis, so that neither stale
 * JavaScript nor a program that does not compile ever writes a plan.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { enableCompileCache } from "node:module";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, root } from "./run.mjs";

const SOURCES = [
  "main.ts",
  "tsconfig.json",
  "tsconfig.synth.json",
  "package-lock.json",
  "config",
  "constructs",
  "stacks",
  "policy",
];
const CONSTANTS = "app/packages/contract";
const stamp = join(root, ".cache", "types", "synth.stamp");

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

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function run(file, args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, NODE_COMPILE_CACHE: join(root, ".cache", "node"), NODE_OPTIONS: "--enable-source-maps" },
    });
    child.on("exit", (code) => {
      done(code ?? 1);
    });
  });
}

enableCompileCache(join(root, ".cache", "node"));
const now = digest();
const checked = read(stamp) === now;
const types = checked
  ? Promise.resolve(0)
  : run(join(root, "node_modules/typescript/bin/tsc"), ["-p", "tsconfig.synth.json"]);
const program = bundle("main.ts").then((file) => run(file, []));
const [typesCode, programCode] = await Promise.all([types, program]);

if (typesCode !== 0) {
  // What was written does not come from a program that compiles: leave nothing that could be deployed.
  rmSync(join(root, process.env.CDKTF_OUTDIR ?? "cdktf.out", "manifest.json"), { force: true });
  process.stderr.write("The types do not check: nothing was synthesized.\n");
} else if (!checked) {
  mkdirSync(join(root, ".cache", "types"), { recursive: true });
  writeFileSync(stamp, now);
}
process.exitCode = typesCode || programCode;
