import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import type { Database } from "../../../packages/kit/database/database";
import type { Logger } from "../../../packages/kit/observability/logger";
import type { Reached } from "../failpoints";
import { longestWait, relayEvents } from "../store/outbox";

const batch = 200;
/** How often events are looked for that nobody told of. */
const lookEveryMs = 1_000;
/** What is added while events are told, and for so long after, is told together. */
const pauseMs = 30;

/** Tells committed events to all replicas, at least once each. Any number of replicas may run one. */
export class EventRelay {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private closed = false;
  /** Everything committed before was told when somebody last looked. */
  private toldUntil = performance.now();

  constructor(
    readonly database: Database,
    readonly log: Logger,
    readonly reached: Reached,
  ) {}

  /** Milliseconds for which the oldest event may have waited: since it was committed, or since the last look. */
  get longestWaitMs(): number {
    return performance.now() - this.toldUntil;
  }

  /** There are events to tell. */
  wake(): void {
    if (this.closed) return;
    this.again = true;
    this.running ??= this.run();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    clearTimeout(this.timer);
    try {
      while (this.again && !this.closed) {
        this.again = false;
        if ((await this.tell()) === batch) this.again = true;
        else await sleep(pauseMs);
      }
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, "events could not be told");
    }
    this.running = undefined;
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.wake();
    }, lookEveryMs);
  }

  /** @returns how many events it told */
  private tell(): Promise<number> {
    const work = async (tx: PoolClient) => {
      const count = await relayEvents(tx, batch);
      if (count > 0) this.reached("relay.publishing");
      this.toldUntil = performance.now() - (await longestWait(tx));
      return count;
    };
    return this.database.as("system", work, { durable: false });
  }
}
