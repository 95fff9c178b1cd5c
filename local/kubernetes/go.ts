import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MissingTool } from "../missing-tool";

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

  /** Builds a package as a static program; a program that is up to date is left alone. */
  build(path: string, program: string, linkerFlags: string): void {
    const scratch = join(this.output, ".building");
    mkdirSync(scratch, { recursive: true });
    try {
      const flags = ["-trimpath", "-ldflags", `-s -w ${linkerFlags}`, "-o", join(this.output, program)];
      // From the same file system a finished program is moved to its place whole, even if another one runs from there.
      this.run(["build", ...flags, path], { CGO_ENABLED: "0", GOTMPDIR: scratch });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  private run(args: readonly string[], more: NodeJS.ProcessEnv = {}): string {
    const { status, stdout, stderr } = spawnSync("go", args, {
      cwd: this.module,
      encoding: "utf8",
      env: { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off", ...more },
    });
    if (status === 0) return stdout.trim();
    const said = stderr.trim().split("\n").slice(-10).join("\n  ");
    throw new MissingTool(`\`go ${args[0] ?? ""}\` failed in ${this.module}:\n  ${said}`);
  }
}
