import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { MissingTool } from "../lib/missing-tool";

export interface PythonEnvironment {
  /** Whose environment it is, as a sentence starts: `The AWS emulator`. */
  readonly owner: string;
  /** File of pinned packages; other pins make another environment. */
  readonly requirements: string;
  /** Where the environment is made. */
  readonly folder: string;
  /** Told once when the environment has to be made, which takes some 20 seconds. */
  readonly announce?: () => void;
}

/**
 * The Python of a virtual environment, which is made when there is none for these pins. Run packages with `-m`: the
 * commands beside it name the folder that they were first installed to.
 *
 * @throws MissingTool when Python, its venv module or the packages cannot be had
 */
export function pythonEnvironment({ owner, requirements, folder, announce }: PythonEnvironment): string {
  const pins = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const environment = join(folder, `venv-${pins}`);
  if (!existsSync(environment)) {
    const python = findPython(owner);
    announce?.();
    make(owner, environment, folder, requirements, python);
  }
  return executable(environment);
}

function findPython(owner: string): string {
  for (const name of ["python3", "python"]) {
    const probe = spawnSync(name, ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"], {
      stdio: "ignore",
      env: process.env,
    });
    if (probe.status === 0) return name;
  }
  throw new MissingTool(
    `${owner} needs Python 3.10 or later, which is not on the PATH. ` +
      "Install it: `apt-get install python3 python3-venv` on Debian or Ubuntu, `brew install python` on macOS.",
  );
}

/** Built beside its place and moved there whole, so that neither an interruption nor a second builder leaves half of one. */
function make(owner: string, environment: string, folder: string, requirements: string, python: string): void {
  const draft = `${environment}.${process.pid}`;
  const step = (command: string, args: readonly string[], remedy: string) => {
    const { status, stderr, stdout } = spawnSync(command, args, { encoding: "utf8", env: process.env });
    if (status === 0) return;
    const said = (stderr.trim() || stdout.trim()).split("\n").slice(-3).join("\n  ");
    throw new MissingTool(`${owner}'s Python environment cannot be made. ${remedy}\n  ${said}`);
  };
  mkdirSync(folder, { recursive: true });
  try {
    step(
      python,
      ["-m", "venv", draft],
      "Install Python's venv module: `apt-get install python3-venv` on Debian or Ubuntu.",
    );
    step(
      executable(draft),
      [
        ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"],
        ...["--require-hashes", "-r", requirements],
      ],
      "Make the Python package index reachable, or point pip at a mirror of it (PIP_INDEX_URL).",
    );
    const old = readdirSync(folder).filter((name) => /^venv-\w+$/.test(name) && name !== basename(environment));
    for (const name of old) rmSync(join(folder, name), { recursive: true, force: true });
    renameSync(draft, environment);
  } catch (error) {
    // A second builder may have been first, and what it made may be in use.
    if (!existsSync(environment)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const executable = (environment: string) => join(environment, "bin", "python");
