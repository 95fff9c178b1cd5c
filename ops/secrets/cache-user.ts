import { DescribeUsersCommand, ModifyUserCommand } from "@aws-sdk/client-elasticache";
import type { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { MINUTE_MS } from "../core/clock";
import { until } from "../core/until";
import type { WaitContext } from "../core/until";

const TIMEOUT_MS = 10 * MINUTE_MS;

/** The services' user of the cache, who may have two passwords at a time. */
export class CacheUser {
  constructor(
    private readonly client: ElastiCacheClient,
    private readonly userId: string,
  ) {}

  /** Replaces the passwords that it may sign in with, and waits until they hold. */
  async accept(context: WaitContext, passwords: readonly string[]): Promise<void> {
    await this.active(context);
    await this.client.send(new ModifyUserCommand({ UserId: this.userId, Passwords: [...passwords] }));
    await this.active(context);
  }

  private async active(context: WaitContext): Promise<void> {
    await until(context, { what: `the cache's user ${this.userId}`, timeoutMs: TIMEOUT_MS }, async () => {
      const { Users = [] } = await this.client.send(new DescribeUsersCommand({ UserId: this.userId }));
      return Users[0]?.Status === "active" ? true : undefined;
    });
  }
}
