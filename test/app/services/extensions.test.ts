import { pino } from "pino";
import { createOptionalExtensions } from "../../../app/database/extensions";
import { prepareRoles } from "../../../app/database/roles";
import { prepareOwnedDatabase } from "../../../app/packages/embedded/owner";
import type { Owner } from "../../../app/packages/embedded/owner";
import { DatabaseClient } from "../../../app/packages/kit/database/client";
import { connectionOptions, Database } from "../../../app/packages/kit/database/database";
import { Lifecycle } from "../../../app/packages/kit/lifecycle";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { exportSlowStatements, slowStatements } from "../../../app/packages/kit/observability/slow-statements";
import { describeWhere } from "../../support/skip";
import { debianPostgresMissing, startDebianPostgres } from "../support/debian-postgres";
import type { DebianPostgres } from "../support/debian-postgres";
import { testDatabaseConfig } from "../support/postgres";
import { until } from "./market-data/market-data";

const missing = debianPostgresMissing("pg_stat_statements", "pgcrypto");

const application = { username: "bist_services", password: "bist_services" };
const owner = { username: "bist_admin", password: "bist_admin" };

describeWhere(missing, "optional extensions", () => {
  let server: DebianPostgres;
  beforeAll(async () => {
    server = await startDebianPostgres({ shared_preload_libraries: "pg_stat_statements" });
    await prepareOwnedDatabase(server, "bist_trading", owner);
  });
  afterAll(() => server.stop());

  const configOf = ({ username, password }: Owner) => ({
    ...testDatabaseConfig(server, "bist_trading"),
    username,
    password,
  });
  const connectAs = async (user: Owner) => {
    const client = new DatabaseClient(connectionOptions(configOf(user), "test"));
    await client.connect();
    return { client, close: () => client.end() };
  };

  test("are created where the owner may, and said in a line where not", async () => {
    const { client, close } = await connectAs(owner);
    await prepareRoles(client, { database: "bist_trading", application });
    const lines = await createOptionalExtensions(client);
    expect(lines).toEqual([expect.stringMatching(/^pg_stat_statements is not there: permission denied/)]);
    expect(await createOptionalExtensions(client)).toEqual(lines);
    const { rows } = await client.query("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'");
    expect(rows).toEqual([{ extname: "pgcrypto" }]);
    await close();
  });

  test("tell the services' user its slowest statements, once they are there", async () => {
    const database = new Database(configOf(application), new Metrics("test"), pino({ level: "silent" }), "test");
    expect(await slowStatements(database)).toEqual([]);

    const superuser = await connectAs(server);
    expect(await createOptionalExtensions(superuser.client)).toEqual([]);
    await superuser.client.query("SELECT 'what others do'");
    await superuser.close();

    await database.query("SELECT pg_sleep($1::float8),\n   'slow' AS what", [0.01]);
    await database.query("SELECT 'quick' AS what WHERE $1::text <> 'a secret'", ["a secret"]);
    const found = await slowStatements(database);
    const slow = found.find(({ statement }) => statement.startsWith("SELECT pg_sleep"));
    expect(slow).toMatchObject({ statement: "SELECT pg_sleep($1::float8), $2 AS what", calls: 1 });
    expect(slow?.seconds).toBeGreaterThanOrEqual(0.01);
    const [metrics, log] = [new Metrics("test"), pino({ level: "silent" })];
    const lifecycle = new Lifecycle(log);
    exportSlowStatements({ database, lifecycle, log, metrics }, "timeSeries");
    const shown =
      /^database_statement_calls\{database="timeSeries",id="-?\d+",statement="SELECT pg_sleep.*",service="test"\} 1$/m;
    await until("the statement is among the metrics", async () => shown.test(await metrics.registry.metrics()));
    await lifecycle.end();
    // No values, and nothing of another user.
    expect(JSON.stringify(found)).not.toMatch(/secret|others do/);
    await database.close();
  });
});
