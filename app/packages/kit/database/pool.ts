import { Pool } from "pg";
import type { PoolConfig } from "pg";
import { DatabaseClient, NoAnswerError } from "./client";

/**
 * A pool whose connections notice when their server is gone. Once one got no answer, those that are idle are closed too:
 * callers would find out one after the other. Those in a transaction have their own limit.
 *
 * @param onLost called with each connection's error; none of them ends the process
 */
export function createPool(options: PoolConfig, onLost: (error: Error) => void): Pool {
  const pool = new Pool({ ...options, password: options.password, Client: DatabaseClient });
  const idle = new Set<DatabaseClient>();
  const all = (error: Error) => {
    for (const client of idle) client.destroy(error);
  };
  pool.on("connect", (client) => {
    // The pool itself listens to idle connections only.
    client.on("error", (error) => {
      onLost(error);
      if (error instanceof NoAnswerError) all(new Error("closed unused: another connection got no answer"));
    });
  });
  // The types of pg know none but its own client; the pool makes ours.
  pool.on("acquire", (client) => idle.delete(client as unknown as DatabaseClient));
  pool.on("release", (_error, client) => idle.add(client as unknown as DatabaseClient));
  pool.on("remove", (client) => idle.delete(client as unknown as DatabaseClient));
  pool.on("error", () => undefined);
  return pool;
}
