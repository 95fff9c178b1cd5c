import type { ClientBase } from "pg";
import type { ServerOffer } from "./server";

/** One way to partition a time series and drop what is old: created once, then maintained. Queries never see which. */
export interface Backend {
  readonly name: "timescaledb" | "pg_partman" | "partitions";
  /** Why this server cannot do it; `undefined` when it can. */
  refusal(server: ServerOffer): string | undefined;
  /** Creates the empty table inside a transaction. Resolves to what was set up, for people. */
  create(tx: ClientBase, server: ServerOffer): Promise<string>;
  /**
   * Does what is due: partitions ahead, old ones dropped. Repeatable, also where a statement got no lock in time: what was
   * done before it stays done, and no transaction is left open. Resolves to what it did, a line each.
   */
  maintain(client: ClientBase, now: Date): Promise<readonly string[]>;
}
