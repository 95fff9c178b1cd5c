import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { MissingTool } from "../../lib/missing-tool";

/** Go of this machine, at work in one module. */
export class Go {
  /** `go1.26.0` */
  readonly version: string;

  /**
   * @param module folder of a `go.mod`, whose pins and checksums are taken as they are
   * @param output where programs are put
   * @throws MissingTool when there is no Go
   */
  constructor(
    private readonly module: string,
    private readonly output: string,
  ) {
    const { error, stdout } = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8", cwd: module });
    if (error !== undefined) {
      throw new MissingTool(
        "Go is needed to build Kubernetes and is not on the PATH. Install it from https://go.dev/dl, " +
          "or name a folder that has the programs in KUBEBUILDER_ASSETS.",
      );
    }
    this.version = stdout.trim();
  }

  /** The pinned version of a module, for example `v1.36.3`. */
  versionOf(module: string): string {
    return this.run(["list", "-m", "-f", "{{.Version}}", module]);
  }

  /** Where a module's files are, downloaded when they are not there yet. */
  folderOf(module: string): string {
    this.run(["mod", "download", module]);
    return this.run(["list", "-m", "-f", "{{.Dir}}", module]);
  }

  /**
   * Builds packages as static programs, side by side; a program that is up to date is left alone.
   *
   * @param compiled called for each package that was compiled on the way
   */
  async build(paths: readonly string[], linkerFlags: string, compiled: () => void): Promise<void> {
    const scratch = join(this.output, ".building");
    mkdirSync(scratch, { recursive: true });
    try {
      const flags = ["-v", "-trimpath", "-ldflags", `-s -w ${linkerFlags}`, "-o", `${this.output}/`];
      // From the same file system a finished program is moved to its place whole, even if another one runs from there.
      const environment = this.environment({ CGO_ENABLED: "0", GOTMPDIR: scratch });
      const child = spawn("go", ["build", ...flags, ...paths], {
        cwd: this.module,
        env: environment,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const said: string[] = [];
      createInterface({ input: child.stderr }).on("line", (line) => {
        // A package is one word; longer lines are errors, to be shown.
        if (line.includes(" ")) said.push(line);
        else compiled();
      });
      const code = await new Promise((ended, failed) => child.once("error", failed).once("close", ended));
      if (code !== 0) throw this.failure("build", said);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  private run(args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync("go", args, {
      cwd: this.module,
      encoding: "utf8",
      env: this.environment(),
    });
    if (status === 0) return stdout.trim();
    throw this.failure(args[0] ?? "", stderr.trim().split("\n"));
  }

  private environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off", ...more };
  }

  private failure(command: string, said: readonly string[]): MissingTool {
    return new MissingTool(`\`go ${command}\` failed in ${this.module}:\n  ${said.slice(-10).join("\n  ")}`);
  }
}
