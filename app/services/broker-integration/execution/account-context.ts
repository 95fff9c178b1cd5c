import type { AlgolabSession } from "../../../packages/algolab/client";
import type { PoolClient } from "pg";
import type { Clock } from "../../../packages/kit/clock";
import type { Database } from "../../../packages/kit/database/database";
import type { Logger } from "../../../packages/kit/observability/logger";
import type { TradingConfig } from "../config";
import type { Reached } from "../failpoints";
import type { TradingMetrics } from "../metrics";
import type { BrokerAccount } from "../store/accounts";
import type { Leases } from "./account-leases";

/** What the work on one account needs: its session at the broker, and everything around it. */
export interface Workshop {
  readonly account: BrokerAccount;
  readonly session: AlgolabSession;
  readonly leases: Leases;
  readonly database: Database;
  readonly config: TradingConfig;
  readonly clock: Clock;
  readonly metrics: TradingMetrics;
  readonly log: Logger;
  readonly reached: Reached;
}

/** One transaction for the account's user. */
export function asUser<T>({ database, account }: Workshop, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  return database.as({ userId: account.userId }, work);
}
