import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MissingTool } from "../missing-tool";
import { localFolder, projectRoot } from "../paths";

const REQUIREMENTS = join(projectRoot, "local/emulator/requirements.txt");
const FOLDER = join(localFolder, "emulator");

/**
 * The Python that runs the emulator: of a virtual environment that is made when there is none for these pins.
 *
 * @param announce told once when the environment has to be made, which takes some 20 seconds
 * @throws MissingTool when Python, its venv module or the packages cannot be had
 */
export function emulatorPython(announce: () => void = () => undefined): string {
  const pins = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const environment = join(FOLDER, `venv-${pins}`);
  if (!existsSync(environment)) {
    const python = findPython();
    announce();
    make(environment, python);
  }
  return executable(environment);
}

function findPython(): string {
  for (const name of ["python3", "python"]) {
    const probe = spawnSync(name, ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"], { stdio: "ignore" });
    if (probe.status === 0) return name;
  }
  throw new MissingTool(
    "The AWS emulator needs Python 3.10 or later, which is not on the PATH. " +
      "Install it: `apt-get install python3 python3-venv` on Debian or Ubuntu, `brew install python` on macOS.",
  );
}

/** Built beside its place and moved there whole, so that neither an interruption nor a second builder leaves half of one. */
function make(environment: string, python: string): void {
  const draft = `${environment}.${process.pid}`;
  mkdirSync(FOLDER, { recursive: true });
  try {
    run(
      python,
      ["-m", "venv", draft],
      "Install Python's venv module: `apt-get install python3-venv` on Debian or Ubuntu.",
    );
    run(
      executable(draft),
      [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
        "-r",
        REQUIREMENTS,
      ],
      "Make the Python package index reachable, or point pip at a mirror of it (PIP_INDEX_URL).",
    );
    for (const old of readdirSync(FOLDER).filter((name) => /^venv-\w+$/.test(name))) {
      rmSync(join(FOLDER, old), { recursive: true, force: true });
    }
    renameSync(draft, environment);
  } catch (error) {
    // A second builder may have been first.
    if (!existsSync(environment)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], remedy: string): void {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  const said = (stderr.trim() || stdout.trim()).split("\n").slice(-3).join("\n  ");
  throw new MissingTool(`The AWS emulator's Python environment cannot be made. ${remedy}\n  ${said}`);
}

const executable = (environment: string) => join(environment, "bin", "python");
