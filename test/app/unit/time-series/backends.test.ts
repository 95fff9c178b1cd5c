import type { ClientBase } from "pg";
import { usableBackends } from "../../../../app/database/time-series/bootstrap";
import { partman } from "../../../../app/database/time-series/partman";
import type { ServerOffer } from "../../../../app/database/time-series/server";
import { timescaledb } from "../../../../app/database/time-series/timescaledb";

const serverWith = (available: Record<string, string>, more: Partial<ServerOffer> = {}): ServerOffer => ({
  available: new Map(Object.entries(available)),
  preloaded: new Set(),
  ...more,
});
const chosen = (server: ServerOffer) => usableBackends(server).usable.map(({ name }) => name);

describe("the backend for ticks", () => {
  test.each([
    ["nothing", serverWith({}), ["partitions"]],
    ["TimescaleDB, loaded", serverWith({ timescaledb: "2.31.0" }, { preloaded: new Set(["timescaledb"]) }), ["timescaledb", "partitions"]],
    ["TimescaleDB, not loaded", serverWith({ timescaledb: "2.31.0" }), ["partitions"]],
    ["TimescaleDB, loaded or not: this user may not know", serverWith({ timescaledb: "2.31.0" }, { preloaded: undefined }), ["partitions"]],
    ["TimescaleDB 1", serverWith({ timescaledb: "1.7.5" }, { preloaded: new Set(["timescaledb"]) }), ["partitions"]],
    ["pg_partman 5, as on RDS", serverWith({ pg_partman: "5.2.4" }), ["pg_partman", "partitions"]],
    ["pg_partman 4", serverWith({ pg_partman: "4.7.2" }), ["pg_partman", "partitions"]],
    ["pg_partman 3", serverWith({ pg_partman: "3.2.1" }), ["partitions"]],
    ["both", serverWith({ timescaledb: "2.20.0", pg_partman: "5.2.4" }, { preloaded: new Set(["timescaledb"]) }), ["timescaledb", "pg_partman", "partitions"]],
  ])("where the server offers %s", (_, server, expected) => {
    expect(chosen(server)).toEqual(expected);
  }); // prettier-ignore

  test("says of every better way why it is passed over", () => {
    expect(usableBackends(serverWith({ timescaledb: "2.31.0", pg_partman: "3.2.1" })).refusals).toEqual([
      "timescaledb: shared_preload_libraries does not name it",
      "pg_partman: version 3.2.1 is neither 4 nor 5",
    ]);
  });
});

/** Records statements, for extensions that no package registry offers; answers questions about the server. */
function recordingClient(answers: Record<string, object>) {
  const statements: string[] = [];
  const query = (sql: string, values: readonly unknown[] = []) => {
    const text = sql.replace(/\s+/g, " ").trim();
    const known = Object.entries(answers).find(([part]) => text.includes(part));
    if (!known) statements.push(values.length > 0 ? `${text} <- ${values.join(", ")}` : text);
    return Promise.resolve({ rows: known ? [known[1]] : [], rowCount: 0 });
  };
  // A client of pg has dozens of members and overloads; the backends use the one.
  return { client: { query } as unknown as ClientBase, statements };
}

describe("TimescaleDB's statements", () => {
  const create = async (version: string, license: string) => {
    const { client, statements } = recordingClient({
      extversion: { extversion: version },
      "timescaledb.license": { license },
    });
    const detail = await timescaledb.create(client, serverWith({}));
    return { detail, statements: statements.filter((sql) => !/CREATE (TABLE|INDEX|EXTENSION)/.test(sql)) };
  };
  const hypertable =
    "SELECT create_hypertable('market_ticks', 'timestamp', chunk_time_interval => INTERVAL '1 hour', create_default_indexes => false)";
  const retention = "SELECT add_retention_policy('market_ticks', INTERVAL '1 year')";

  test("before 2.18: compression", async () => {
    expect((await create("2.17.2", "timescale")).statements).toEqual([
      hypertable,
      `ALTER TABLE market_ticks SET (timescaledb.compress, timescaledb.compress_segmentby = 'symbol', timescaledb.compress_orderby = '"timestamp" DESC, sequence DESC')`,
      "SELECT add_compression_policy('market_ticks', INTERVAL '1 day')",
      retention,
    ]);
  });

  test("from 2.18 on: the columnstore", async () => {
    expect((await create("2.31.0", "timescale")).statements).toEqual([
      hypertable,
      `ALTER TABLE market_ticks SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'symbol', timescaledb.orderby = '"timestamp" DESC, sequence DESC')`,
      "CALL add_columnstore_policy('market_ticks', after => INTERVAL '1 day')",
      retention,
    ]);
  });

  test("the Apache edition gets what it has, and maintenance drops its chunks", async () => {
    const { detail, statements } = await create("2.31.0", "apache");
    expect(statements).toEqual([hypertable]);
    expect(detail).toMatch(/no compression, dropped after 1 year by maintenance/);
    const { client, statements: later } = recordingClient({ "timescaledb.license": { license: "apache" } });
    await timescaledb.maintain(client, new Date());
    expect(later).toEqual(["SELECT drop_chunks('market_ticks', INTERVAL '1 year') AS dropped"]);
  });
});

describe("pg_partman's statements", () => {
  test.each([
    ["5.2.4", "range"],
    ["4.7.2", "native"],
  ])("of version %s make %s partitions of a day", async (version, type) => {
    const { client, statements } = recordingClient({
      extversion: { extversion: version },
      nspname: { schema: "partman" },
      current_schema: { schema: "public" },
    });
    await partman.create(client, serverWith({}));
    expect(statements).toContain(
      `SELECT partman.create_parent(p_parent_table := $1, p_control := 'timestamp', p_type := $2, p_interval := '1 day', p_premake := 7) <- public.market_ticks, ${type}`,
    );
  });
});
