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
  /** Makes a table ready for ticks of a UTC day, such as 2026-12-01, however long ago it was. Repeatable. */
  cover(client: ClientBase, day: string): Promise<void>;
  /** Follows the table into the schema that it has been moved to, inside the same transaction. */
  follow(tx: ClientBase, from: string, to: string): Promise<void>;
  /** Stops maintaining the table of a schema, inside a transaction. */
  release(tx: ClientBase, schema: string): Promise<void>;
  /** Drops the table of a schema, if it is there, in no more locks at once than a server has. Repeatable. */
  discard(client: ClientBase, schema: string): Promise<void>;
}
