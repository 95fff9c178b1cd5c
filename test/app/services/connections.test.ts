import { Client } from "pg";
import type { QueryResult } from "pg";
import pino from "pino";
import { DatabaseClient } from "../../../app/packages/kit/database/client";
import { connectionOptions, Database } from "../../../app/packages/kit/database/database";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { createFeedPool } from "../../../app/services/market-data/store/feed-pool";
import { describeWhere } from "../../support/skip";
import { debianPostgresMissing } from "../support/debian-postgres";
import { startOwnedDatabase } from "../support/owned-database";
import type { OwnedDatabase } from "../support/owned-database";

const log = pino({ level: "silent" });

describeWhere(debianPostgresMissing(), "on a server that compiles plans", () => {
  let owned: OwnedDatabase;
  beforeAll(async () => {
    owned = await startOwnedDatabase();
  }, 60_000);
  afterAll(() => owned.drop());

  interface Connected {
    query(sql: string): Promise<QueryResult<{ jit: string; available: boolean }>>;
    end(): Promise<void>;
  }
  const jitOf = async (connected: Connected) => {
    const { rows } = await connected.query("SELECT current_setting('jit') AS jit, pg_jit_available() AS available");
    await connected.end();
    return rows[0];
  };
  const lone = async (client: Client) => {
    await client.connect();
    return client;
  };

  test("it does by itself", async () => {
    const { host, port, name: database, username: user, password } = owned.ownerConfig;
    expect(await jitOf(await lone(new Client({ host, port, database, user, password })))).toEqual({
      jit: "on",
      available: true,
    });
  });

  test.each<[string, () => Connected | Promise<Connected>]>([
    ["the services' pool", () => new Database(owned.config, new Metrics("test"), log, "test").pool],
    ["the feed's pool", () => createFeedPool(owned.config, log)],
    ["a command", () => lone(new DatabaseClient(connectionOptions(owned.ownerConfig, "test")))],
  ])("no plan of %s is compiled", async (_whose, connect) => {
    expect(await jitOf(await connect())).toMatchObject({ jit: "off" });
  });
});
