import fc from "fast-check";
import { environment } from "../../../../config";
import { postgresParameters } from "../../../../constructs/aws/database/parameters";

const { parameters: guide } = environment("production").database;
const byName = (settings = guide) =>
  new Map(postgresParameters(settings).map((parameter) => [parameter.name, parameter]));

describe("postgresParameters", () => {
  /** The guide's line, the parameter in RDS's unit, and whether the server has to start again for it. */
  test.each([
    ["shared_buffers = 8GB", "shared_buffers", "1048576", "pending-reboot"],
    ["effective_cache_size = 24GB", "effective_cache_size", "3145728", "immediate"],
    ["work_mem = 256MB", "work_mem", "262144", "immediate"],
    ["maintenance_work_mem = 2GB", "maintenance_work_mem", "2097152", "immediate"],
    ["checkpoint_completion_target = 0.9", "checkpoint_completion_target", "0.9", "immediate"],
    ["wal_buffers = 64MB", "wal_buffers", "8192", "pending-reboot"],
    ["checkpoint_timeout = 10min", "checkpoint_timeout", "600", "immediate"],
    ["log_destination = 'stderr,csvlog'", "log_destination", "stderr,csvlog", "immediate"],
    ["log_statement = 'ddl'", "log_statement", "ddl", "immediate"],
    ["log_min_duration_statement = 1000", "log_min_duration_statement", "1000", "immediate"],
    ["wal_keep_size = 1GB", "wal_keep_size", "1024", "immediate"],
  ])("takes the guide's %s", (_line, name, value, applyMethod) => {
    expect(byName().get(name)).toEqual({ name, value, applyMethod });
  });

  test("forces TLS and preloads nothing that would hold on to the database: a restore renames it", () => {
    expect(byName().get("rds.force_ssl")?.value).toBe("1");
    expect(byName().get("shared_preload_libraries")).toMatchObject({
      value: "pg_stat_statements",
      applyMethod: "pending-reboot",
    });
    expect([...byName().keys()].filter((name) => name.startsWith("cron."))).toEqual([]);
  });

  test.each([
    ["compiles no statement", { jit: "0" }],
    ["logs who waits for a lock", { log_lock_waits: "1" }],
    [
      "ends sessions of vanished clients within 25 s",
      { tcp_keepalives_idle: "10", tcp_keepalives_interval: "5", tcp_keepalives_count: "3" },
    ],
  ])("%s, without a restart", (_what, expected) => {
    for (const [name, value] of Object.entries(expected))
      expect(byName().get(name)).toEqual({ name, value, applyMethod: "immediate" });
  });

  test("asks for no fewer WAL senders than RDS takes, and for as many more as it is told", () => {
    expect(guide.maxWalSenders).toBe(3);
    expect(byName().get("max_wal_senders")?.value).toBe("5");
    expect(byName({ ...guide, maxWalSenders: 12 }).get("max_wal_senders")?.value).toBe("12");
  });

  test("has as many connections as are counted, which are more than the guide's 200", () => {
    expect(byName().get("max_connections")).toEqual({
      name: "max_connections",
      value: String(guide.maxConnections),
      applyMethod: "pending-reboot",
    });
  });

  test("never writes a unit, whatever the sizes", () => {
    const size = fc.integer({ min: 1, max: 512 * 1024 });
    fc.assert(
      fc.property(size, size, size, (sharedBuffersMiB, workMemMiB, walKeepSizeMiB) => {
        const found = byName({ ...guide, sharedBuffersMiB, workMemMiB, walKeepSizeMiB });
        const mebibytes = (name: string, bytes: number) => (Number(found.get(name)?.value) * bytes) / 1024 ** 2;
        expect(mebibytes("shared_buffers", 8192)).toBe(sharedBuffersMiB);
        expect(mebibytes("work_mem", 1024)).toBe(workMemMiB);
        expect(mebibytes("wal_keep_size", 1024 ** 2)).toBe(walKeepSizeMiB);
      }),
    );
  });

  test("names each parameter once", () => {
    expect(byName().size).toBe(postgresParameters(guide).length);
  });
});
