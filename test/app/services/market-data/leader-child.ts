import { once } from "node:events";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";
import type { BrokerSession } from "../../../../app/services/market-data/feed/broker-feed";
import type { MarketDataServiceConfig } from "../../../../app/services/market-data/service";
import type { LeaderLeaseTimes } from "../../../../app/services/market-data/leader/leader-lease";

let bundle: string | undefined;

function bundled(): string {
  if (bundle !== undefined) return bundle;
  bundle = join(__dirname, `../../../../.cache/test/leader-process-${process.pid}.cjs`);
  buildSync({
    entryPoints: [join(__dirname, "leader-process.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
  return bundle;
}

/** A replica as a process of its own, to be frozen and killed. */
export class LeaderChild {
  /** Of the last grant that the process got; 0 before the first. */
  epoch = 0;
  /** What it logged last. */
  readonly lines: string[] = [];
  readonly ended: Promise<unknown>;

  private constructor(readonly process: ChildProcess) {
    this.ended = once(process, "exit");
    if (process.stdout === null) throw new Error("the process has no standard output");
    createInterface({ input: process.stdout }).on("line", (line) => {
      this.lines.push(line);
      if (this.lines.length > 50) this.lines.shift();
      const granted = /"epoch":(\d+).*"feed lease acquired/.exec(line);
      if (granted !== null) this.epoch = Number(granted[1]);
    });
  }

  static async start(
    config: MarketDataServiceConfig,
    session: BrokerSession,
    leaseTimes: LeaderLeaseTimes,
  ): Promise<LeaderChild> {
    const argument = JSON.stringify({ config, session: await session(), leaseTimes });
    const child = spawn(process.execPath, [bundled(), argument], { stdio: ["ignore", "pipe", "inherit"] });
    return new LeaderChild(child);
  }

  get alive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  signal(name: "SIGSTOP" | "SIGCONT" | "SIGTERM" | "SIGKILL"): void {
    this.process.kill(name);
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }
}
