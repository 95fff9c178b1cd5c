import { Client } from "pg";
import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import { databaseVariables } from "../../../../app/packages/contract/database";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { cluster } from "../../../../constructs/kubernetes/time-series/cluster";
import { describeWhere } from "../../../support/skip";
import { timescaledb } from "../../../support/time-series";
import { debianPostgresMissing, startDebianPostgres } from "../../support/debian-postgres";
import type { DebianPostgres } from "../../support/debian-postgres";
import { testDatabaseConfig } from "../../support/postgres";
import { runCommand } from "../../support/process";

const missing = debianPostgresMissing("timescaledb");

const name = "bist_trading";
const { spec } = cluster({
  namespace: "trading",
  settings: timescaledb,
  database: name,
  owner: "bist_admin",
  ownerSecret: "time-series-owner",
  nodeSelector: {},
  tolerations: [],
}) as unknown as { readonly spec: NonNullable<ICluster["spec"]> };
const { parameters = {}, shared_preload_libraries: libraries = [] } = spec.postgresql ?? {};
const [role] = spec.managed?.roles ?? [];

/** What this machine has no room for. */
const small = { shared_buffers: "128MB", maintenance_work_mem: "64MB", work_mem: "4MB" };

/** What the operator does with the declared object, in the order in which it does it. */
describeWhere(missing, "the server of the time series as it is declared, on PostgreSQL 15", () => {
  let server: DebianPostgres;

  beforeAll(async () => {
    // The operator preloads the library of a parameter that is there.
    const preloaded = [...libraries, ...("pg_stat_statements.max" in parameters ? ["pg_stat_statements"] : [])];
    const settings = { ...parameters, ...small, shared_preload_libraries: preloaded.join(",") };
    server = await startDebianPostgres(settings);
    await as("postgres", [
      `CREATE ROLE ${role?.name ?? ""} LOGIN PASSWORD 'owner' ${role?.createdb === true ? "CREATEDB" : ""}
         ${role?.createrole === true ? "CREATEROLE" : ""} IN ROLE ${role?.inRoles?.join(", ") ?? ""}`,
      `CREATE DATABASE ${name} OWNER ${role?.name ?? ""}`,
    ]);
    await as(name, spec.bootstrap?.initdb?.postInitApplicationSQL ?? []);
  });
  afterAll(() => server.stop());

  /** Runs statements as the superuser, as the operator does, and returns what the last of them found. */
  async function as(database: string, statements: readonly string[]): Promise<readonly unknown[]> {
    const { username, password } = server;
    const config = { ...testDatabaseConfig(server, database), username, password };
    const client = new Client(connectionOptions(config, "operator"));
    await client.connect();
    try {
      let rows: readonly unknown[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    } finally {
      await client.end();
    }
  }

  test("is prepared by its owner, who is no superuser, with TimescaleDB and what takes a superuser", async () => {
    const services = { username: "bist_services", password: "services" };
    const config = testDatabaseConfig(server, name);
    const owner = { username: role?.name ?? "", password: "owner" };
    const variables = databaseVariables({ ...config, ...services, owner });
    const bootstrap = await runCommand("bootstrap-database", variables);
    expect(bootstrap).toMatchObject({ code: 0, stderr: "" });
    expect(bootstrap.stdout).toMatch(/ticks: .*timescaledb, TimescaleDB .*compressed after 1 day/);
    expect(bootstrap.stdout).not.toContain("extensions:");
    expect(await runCommand("maintain-database", variables)).toMatchObject({ code: 0, stderr: "" });
    expect(
      await as(name, [
        `SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
          WHERE e.extname = 'pg_stat_statements'`,
      ]),
    ).toEqual([{ extname: "pg_stat_statements", nspname: "extensions" }]);
  });

  test("knows every parameter that it is given", async () => {
    const unknown = await as(name, [
      `SELECT name FROM unnest(ARRAY[${Object.keys(parameters)
        .map((parameter) => `'${parameter}'`)
        .join(", ")}]) AS name WHERE name NOT IN (SELECT name FROM pg_settings)`,
    ]);
    expect(unknown).toEqual([]);
    const pending = await as(name, ["SELECT name FROM pg_settings WHERE pending_restart"]);
    expect(pending).toEqual([]);
  });
});
