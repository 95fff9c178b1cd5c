import type { CallGate } from "../../../packages/algolab/call-slots";
import type { AlgolabSession } from "../../../packages/algolab/client";
import type { PoolClient } from "pg";
import type { Clock } from "../../../packages/kit/clock";
import type { Database } from "../../../packages/kit/database/database";
import type { Logger } from "../../../packages/kit/observability/logger";
import type { TradingConfig } from "../domain/trading-config";
import type { ReachFailpoint } from "../domain/failpoint";
import type { Reason } from "../domain/reason";
import type { TradingMetrics } from "./metrics";
import type { BrokerAccount } from "../store/accounts";
import type { AccountLeases } from "./account-leases";

/** What the work on one account needs: its session at the broker, and everything around it. */
export interface AccountContext {
  readonly account: BrokerAccount;
  readonly session: AlgolabSession;
  readonly sessionId: string;
  /** Spaces the account's calls with those of log-ins and other processes; undefined where calls are not spaced. */
  readonly gate?: CallGate | undefined;
  readonly leases: AccountLeases;
  readonly database: Database;
  readonly config: TradingConfig;
  readonly clock: Clock;
  readonly metrics: TradingMetrics;
  readonly log: Logger;
  readonly failpoint: ReachFailpoint;
}

/** Why a call was not made: another process may talk to the broker for the account. */
export const leaseLost: Reason = {
  code: "LEASE_LOST",
  detail: "the account passed to another replica before the call",
};

/** One transaction for the account's user. */
export function asUser<T>({ database, account }: AccountContext, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  return database.as({ userId: account.userId }, work);
}
