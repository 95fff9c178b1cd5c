import type { Logger } from "./observability/logger";

interface Step {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/**
 * The end of a service, in order: `onDrain` steps (stop taking work, notify clients, finish what runs) all at once,
 * then `onClose` steps (connections, pools) in reverse order of their registration.
 */
export class Lifecycle {
  private readonly drainSteps: Step[] = [];
  private readonly closeSteps: Step[] = [];
  private ending: Promise<void> | undefined;

  constructor(private readonly log: Logger) {}

  onDrain(name: string, run: () => Promise<unknown>): void {
    this.drainSteps.push({ name, run });
  }

  onClose(name: string, run: () => Promise<unknown>): void {
    this.closeSteps.push({ name, run });
  }

  /** Runs the steps once, however often it is called. A step that fails is logged and stops no other. */
  end(): Promise<void> {
    this.ending ??= this.runSteps();
    return this.ending;
  }

  private async runSteps(): Promise<void> {
    await Promise.all(this.drainSteps.map((step) => this.run(step)));
    for (const step of this.closeSteps.toReversed()) await this.run(step);
  }

  private async run({ name, run }: Step): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.log.error({ step: name, error: (error as Error).message }, "a step of the shutdown failed");
    }
  }
}
