import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import pino from "pino";
import { databaseArgument, startTool } from "../../../app/database/backup/postgres-tools";
import { DatabaseClient } from "../../../app/packages/kit/database/client";
import { connectionOptions, Database } from "../../../app/packages/kit/database/database";
import type { DatabaseConfig } from "../../../app/packages/kit/config/sections";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { describeWhere } from "../../support/skip";
import { eventually } from "../support/broker";
import { debianPostgresMissing, startDebianPostgres } from "../support/debian-postgres";
import type { DebianPostgres } from "../support/debian-postgres";
import { testDatabaseConfig } from "../support/postgres";
import { VanishingHost, whyNoNamespaces } from "../support/vanishing-host";

const missing = debianPostgresMissing() ?? whyNoNamespaces();

describeWhere(missing, "a host that vanishes, a network namespace of which no packet comes back", () => {
  const folder = mkdtempSync(join(tmpdir(), "bist-sockets-"));
  const path = process.env["PATH"] ?? "";
  let server: DebianPostgres;
  let host: VanishingHost;
  let config: DatabaseConfig;

  beforeAll(async () => {
    chmodSync(folder, 0o777);
    server = await startDebianPostgres({ unix_socket_directories: folder });
    process.env["PATH"] = `${server.binaries}${delimiter}${path}`;
    host = await VanishingHost.start(server.port, join(folder, `.s.PGSQL.${server.port}`));
    const { username, password } = server;
    config = { ...testDatabaseConfig(host, "postgres"), username, password, statementTimeoutMs: 600_000 };
  });
  afterAll(async () => {
    process.env["PATH"] = path;
    await host.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("is noticed on idle connections, in transactions, by long statements, and by pg_dump", async () => {
    const connect = async () => {
      const client = new DatabaseClient(connectionOptions({ ...config, host: server.host, port: server.port }, "test"));
      await client.connect();
      return client;
    };
    const locked = await connect();
    await locked.query("CREATE TABLE held (n integer)");
    await locked.query("BEGIN; LOCK TABLE held");
    const database = new Database(config, new Metrics("test"), pino({ level: "silent" }), "test");
    await database.ping();
    const idleInTransaction = new DatabaseClient(connectionOptions(config, "test"));
    await idleInTransaction.connect();
    await idleInTransaction.query("BEGIN");
    const command = new DatabaseClient(connectionOptions(config, "test"));
    await command.connect();
    const statement = command.query("SELECT pg_sleep(3600)");
    const dump = startTool("pg_dump", [databaseArgument("postgres"), "--lock-wait-timeout=600s"], config);
    dump.output.resume();
    const working =
      "SELECT FROM pg_stat_activity WHERE state = 'active' AND query ~ '^(LOCK TABLE public|SELECT pg_sleep)'";
    // Within a transaction, what sessions do is seen once.
    const onlooker = await connect();
    await eventually(
      async () => (await onlooker.query(working)).rowCount,
      (count) => count === 2,
    );

    host.vanish();
    const vanishedAt = performance.now();
    const seconds: Record<string, number> = {};
    const noticed = (who: string) => () => {
      seconds[who] = Math.round(performance.now() - vanishedAt) / 1_000;
    };
    await Promise.all([
      eventually(
        () => database.pool.totalCount,
        (count) => count === 0,
        60_000,
      ).then(noticed("idle in the pool")),
      new Promise((ended) => idleInTransaction.once("end", ended as () => void)).then(noticed("idle in a transaction")),
      expect(statement).rejects.toThrow().then(noticed("a long statement")),
      expect(dump.ended)
        .rejects.toThrow(/timed out/)
        .then(noticed("pg_dump")),
    ]);
    process.stdout.write(`seconds until a vanished host was noticed: ${JSON.stringify(seconds)}\n`);
    await database.close();
    await Promise.all([locked.end(), onlooker.end()]);
  });
});
