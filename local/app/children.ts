import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { projectRoot } from "../../lib/paths";
import { Child } from "./child";
import type { Leftovers } from "./leftovers";
import type { Variables } from "./settings";

/** A service drains within 25 s. */
export const stopPatienceMs = 27_000;
const readyPatienceMs = 180_000;
const lookEveryMs = 100;

/** Every process of the application. */
export class Children {
  private readonly started: Child[] = [];
  private stopping = false;
  private fail: (what: string) => void = () => undefined;
  /** Resolves to what happened when one ends that should not. */
  readonly failed = new Promise<string>((resolve) => {
    this.fail = resolve;
  });

  constructor(
    readonly logFolder: string,
    readonly interrupt: AbortSignal | undefined,
    /** Knows of these processes when this one is killed. */
    readonly leftovers?: Leftovers,
  ) {}

  /** Starts a process that is to stay, and waits for a line that it says once it is up. */
  async startAndHear(
    name: string,
    args: readonly string[],
    environment: Variables,
    wanted: RegExp,
    onLine: (line: string) => void = () => undefined,
  ): Promise<RegExpExecArray> {
    let heard: (match: RegExpExecArray) => void = () => undefined;
    const match = new Promise<RegExpExecArray>((resolve) => (heard = resolve));
    const child = this.stay(name, args, environment, (line) => {
      const found = wanted.exec(line);
      if (found !== null) heard(found);
      onLine(line);
    });
    return child.meanwhile(match);
  }

  /** Starts a process that is to stay, and waits until an address answers 200. */
  async startUntilReady(name: string, args: readonly string[], environment: Variables, url: string): Promise<void> {
    const child = this.stay(name, args, environment);
    await child.meanwhile(this.answers(child, url));
  }

  /** Runs a process to its end. @throws with its last words when that is not 0 */
  async run(name: string, args: readonly string[], environment: Variables): Promise<void> {
    const child = this.spawn(name, args, environment);
    if ((await child.ended) !== "ended with 0") throw new Error(await child.lastWords());
  }

  /** Ends all, the last that was started first. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const child of this.started.toReversed()) await child.stop(stopPatienceMs);
  }

  private stay(name: string, args: readonly string[], environment: Variables, onLine?: (line: string) => void): Child {
    const child = this.spawn(name, args, environment, onLine);
    void child.ended.then(async () => {
      if (!this.stopping) this.fail(await child.lastWords());
    });
    return child;
  }

  private spawn(name: string, args: readonly string[], environment: Variables, onLine?: (line: string) => void): Child {
    this.interrupt?.throwIfAborted();
    const preloaded = ["--require", join(projectRoot, "local", "app", "end-with-parent.cjs"), ...args];
    const child = new Child({ name, args: preloaded, environment, logFolder: this.logFolder, onLine });
    this.started.push(child);
    const forget = child.pid === undefined ? undefined : this.leftovers?.note(child.pid);
    void child.ended.then(forget);
    return child;
  }

  private async answers({ name, logFile }: Child, url: string): Promise<void> {
    const deadline = performance.now() + readyPatienceMs;
    while (performance.now() < deadline) {
      this.interrupt?.throwIfAborted();
      const response = await fetch(url).catch(() => undefined);
      if (response?.ok === true) return;
      await sleep(lookEveryMs);
    }
    throw new Error(
      `${name} is not ready after ${readyPatienceMs / 1000} s: ${url} does not answer 200; see ${logFile}`,
    );
  }
}
