import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import type { Order } from "./killed-program";

export interface Killed {
  /** Changes that it came to make. */
  readonly points: readonly string[];
  readonly killed: boolean;
  /** Exit code of a run that came to its own end. */
  readonly code: number | null;
  /** What it said on the way. */
  readonly stderr: string;
}

/** Runs the tool in processes that are killed. One is always loaded ahead: that takes longer than most runs. */
export class Killer {
  private readonly program = join(process.cwd(), ".cache", "test", `killed-program-${process.pid}.cjs`);
  private next: ChildProcess | undefined;

  async prepare(): Promise<void> {
    await build({
      entryPoints: [join(__dirname, "killed-program.ts")],
      outfile: this.program,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node24",
      logLevel: "error",
      // Hundreds of processes read it.
      minifyWhitespace: true,
    });
    this.next = this.load();
  }

  end(): void {
    this.next?.kill("SIGKILL");
    rmSync(this.program, { force: true });
  }

  async run(order: Order): Promise<Killed> {
    const child = this.next ?? this.load();
    this.next = this.load();
    let [out, stderr] = ["", ""];
    child.stdout?.on("data", (text: Buffer) => (out += text.toString()));
    child.stderr?.on("data", (text: Buffer) => (stderr += text.toString()));
    child.send(order);
    return new Promise((resolve) => {
      child.once("close", (code, signal) => {
        resolve({ points: out.trim().split("\n"), killed: signal === "SIGKILL", code, stderr });
      });
    });
  }

  private load(): ChildProcess {
    // The clients of AWS and Kubernetes are much to compile, hundreds of times over.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(dirname(this.program), "compiled") };
    return spawn(process.execPath, [this.program], { stdio: ["ignore", "pipe", "pipe", "ipc"], env });
  }
}
