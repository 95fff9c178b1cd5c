import type { PoolClient } from "pg";
import type { Database } from "../../../packages/kit/database/database";
import type { Logger } from "../../../packages/kit/observability/logger";
import { WakeUpLoop } from "../../../packages/kit/wake-up-loop";
import type { ReachFailpoint } from "../domain/failpoint";
import { longestWait, relayEvents } from "../store/outbox";

const batch = 200;
/** How often unpublished events are looked for without a notification. */
const lookEveryMs = 1_000;
/** Events that are added while a batch is published, and for so long after, are published together. */
const pauseMs = 30;

/** Publishes committed events to all replicas, at least once each. Any number of replicas may run one. */
export class EventRelay {
  private readonly loop = new WakeUpLoop(() => this.publishAll(), {
    onError: (error) => {
      this.log.warn({ error: error.message }, "outbox relay failed");
    },
    pauseMs,
    everyMs: lookEveryMs,
  });
  /** Everything committed before this instant was published, as of the last look. */
  private publishedUntil = performance.now();

  constructor(
    readonly database: Database,
    readonly log: Logger,
    readonly failpoint: ReachFailpoint,
  ) {}

  /** Milliseconds for which the oldest event may have waited: since it was committed, or since the last look. */
  get longestWaitMs(): number {
    return performance.now() - this.publishedUntil;
  }

  /** There are events to publish. */
  wake(): void {
    this.loop.wake();
  }

  async close(): Promise<void> {
    await this.loop.close();
  }

  private async publishAll(): Promise<void> {
    while ((await this.publishBatch()) === batch && !this.loop.closed);
  }

  /** @returns how many events it published */
  private publishBatch(): Promise<number> {
    const work = async (tx: PoolClient) => {
      const count = await relayEvents(tx, batch);
      if (count > 0) this.failpoint("relay.publishing");
      this.publishedUntil = performance.now() - (await longestWait(tx));
      return count;
    };
    return this.database.as("system", work, { durable: false });
  }
}
