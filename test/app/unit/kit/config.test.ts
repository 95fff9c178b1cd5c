import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseVariables, timeSeriesVariables } from "../../../../app/packages/contract/database";
import { services } from "../../../../app/packages/contract/services";
import { readConfig } from "../../../../app/packages/kit/config/read";
import { databaseSection, serviceSections, timeSeriesSection } from "../../../../app/packages/kit/config/sections";
import { userManagementSection } from "../../../../app/services/user-management/config";

const sections = serviceSections(services.userManagement);
const least = { DB_HOST: "db.internal", DB_USERNAME: "bist", DB_PASSWORD: "p" };
const message = (environment: Record<string, string>, of: Parameters<typeof readConfig>[0] = sections) => {
  try {
    readConfig(of, environment);
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
};

describe("the configuration of a service", () => {
  test("has the guide's values where nothing is set", () => {
    expect(readConfig(sections, least)).toMatchObject({
      http: {
        port: 8081,
        allowedOrigins: ["https://bist-trading.com", "https://app.bist-trading.com"],
        rateLimits: true,
        logLevel: "info",
      },
      database: {
        port: 5432,
        name: "bist_trading",
        sslMode: "verify-full",
        poolMax: 20,
        poolMin: 5,
        connectTimeoutMs: 30_000,
        idleTimeoutMs: 600_000,
        maxLifetimeMs: 1_800_000,
      },
      cache: undefined,
      tokens: { issuer: "bist-trading-platform", audience: "bist-trading-users", algorithms: ["EdDSA"] },
    });
  });

  test("lists every problem at once, with what would be right", () => {
    expect(
      message({ DB_USERNAME: "bist", DB_PASSWORD: "p", PORT: "http", DB_POOL_MAX: "500", JWT_ALGORITHMS: "none" }),
    ).toBe(
      [
        "the configuration is not usable, 4 problems:",
        '  PORT is "http"; expected a whole number from 0 to 65535',
        "  DB_HOST is missing; expected the host name of PostgreSQL",
        '  DB_POOL_MAX is "500"; expected a whole number from 1 to 200',
        '  JWT_ALGORITHMS is "none"; expected EdDSA, ES256 or RS256, separated by commas',
      ].join("\n"),
    );
  });

  test("names variables that do not fit together", () => {
    expect(message({ ...least, DB_POOL_MIN: "9", DB_POOL_MAX: "3" })).toMatch(/DB_POOL_MIN is 9, above DB_POOL_MAX 3/);
    expect(message({ ...least, TLS_KEY_PATH: "/key" })).toMatch(
      /TLS_CERTIFICATE_PATH and TLS_KEY_PATH belong together/,
    );
    const users = { users: userManagementSection };
    const secrets = { DATA_ENCRYPTION_KEYS: `a:${"A".repeat(43)}=`, DATA_LOOKUP_SECRET: "x".repeat(32) };
    expect(message(secrets, users)).toMatch(/JWT_SECRET and JWT_PRIVATE_KEY: exactly one/);
  });

  test("ASVS 13.3.1: takes secrets from files, and repeats none of them", () => {
    const file = join(mkdtempSync(join(tmpdir(), "bist-config-")), "password");
    writeFileSync(file, "from a file\n");
    const { DB_HOST, DB_USERNAME } = least;
    const { database } = readConfig(sections, { DB_HOST, DB_USERNAME, DB_PASSWORD_FILE: file });
    expect(database.password).toBe("from a file");
    expect(message({ ...least, DB_PASSWORD_FILE: file })).toMatch(/DB_PASSWORD and DB_PASSWORD_FILE are both set/);
    expect(message({ DB_HOST, DB_USERNAME, DB_PASSWORD_FILE: "/nowhere/x" })).toMatch(
      /DB_PASSWORD_FILE is "\/nowhere\/x", which cannot be read \(ENOENT\)/,
    );
    writeFileSync(file, "\n");
    expect(message({ DB_HOST, DB_USERNAME, DB_PASSWORD_FILE: file })).toMatch(/DB_PASSWORD is missing/);
    const short = message({ JWT_SECRET: "tooshort" }, { users: userManagementSection });
    expect(short).toMatch(/JWT_SECRET is not usable; expected at least 32 random characters/);
    expect(short).not.toContain("tooshort");
  });

  test("of user-management has the key before beside the one that signs, once there is one", () => {
    const file = join(mkdtempSync(join(tmpdir(), "bist-config-")), "previous");
    const keysWith = (previous: string) => {
      writeFileSync(file, previous);
      const { users } = readConfig(
        { users: userManagementSection },
        {
          JWT_SECRET: "x".repeat(64),
          JWT_PREVIOUS_SECRET_FILE: file,
          DATA_ENCRYPTION_KEYS: `a:${"A".repeat(43)}=`,
          DATA_LOOKUP_SECRET: "x".repeat(32),
        },
      );
      return users.signingKeys.map(({ id }) => id);
    };
    const [current] = keysWith("");
    expect(keysWith("")).toHaveLength(1);
    expect(keysWith("y".repeat(64))).toEqual([current, expect.not.stringMatching(String(current))]);
  });
});

describe("the second set of database variables", () => {
  const both = { database: databaseSection, timeSeries: timeSeriesSection };
  const access = {
    host: "ticks.internal",
    port: 6432,
    name: "ticks",
    username: "bist",
    password: "t",
    sslMode: "require",
  };
  const second = timeSeriesVariables(access);

  test("is none where nothing of it is set", () => {
    expect(readConfig(both, { ...least, TIME_SERIES_DB_HOST: "" }).timeSeries).toBeUndefined();
  });

  test("means what the first one means", () => {
    const more = { DB_POOL_MAX: "7", DB_STATEMENT_TIMEOUT_MS: "900", DB_SSL_AUTHORITIES: "PEM" };
    const { database } = readConfig(both, { ...databaseVariables(access), ...more });
    const prefixed = Object.fromEntries(Object.entries(more).map(([name, value]) => [`TIME_SERIES_${name}`, value]));
    const { timeSeries } = readConfig(both, { ...least, ...second, ...prefixed });
    expect(timeSeries).toEqual(database);
    // What it leaves out is the application's default, not what the first one says.
    expect(readConfig(both, { ...least, ...more, ...second }).timeSeries).toMatchObject({
      poolMax: 20,
      statementTimeoutMs: 10_000,
      sslAuthorities: undefined,
    });
  });

  test("may be the first one's database again", () => {
    const { database, timeSeries } = readConfig(both, { ...databaseVariables(access), ...second });
    expect(timeSeries).toEqual(database);
  });

  test("is refused by half, under its own names", () => {
    const { TIME_SERIES_DB_PASSWORD: _, ...withoutPassword } = second;
    expect(message({ ...least, ...withoutPassword }, both)).toBe(
      "the configuration is not usable, 1 problem:\n" +
        "  TIME_SERIES_DB_PASSWORD is missing; expected the database user's password, or its file in TIME_SERIES_DB_PASSWORD_FILE",
    );
    expect(message({ ...least, TIME_SERIES_DB_PASSWORD_FILE: "/nowhere/x" }, both)).toMatch(
      /TIME_SERIES_DB_HOST is missing[^]*TIME_SERIES_DB_PASSWORD_FILE is "\/nowhere\/x", which cannot be read/,
    );
    expect(message({ ...least, ...second, TIME_SERIES_DB_POOL_MIN: "9", TIME_SERIES_DB_POOL_MAX: "3" }, both)).toMatch(
      / TIME_SERIES_DB_POOL_MIN is 9, above TIME_SERIES_DB_POOL_MAX 3/,
    );
  });

  test("ASVS 13.3.1: takes its secrets from files as well", () => {
    const file = join(mkdtempSync(join(tmpdir(), "bist-config-")), "password");
    writeFileSync(file, "from a file\n");
    const { TIME_SERIES_DB_PASSWORD: secret = "", ...withoutPassword } = second;
    const inFile = { ...least, ...withoutPassword, TIME_SERIES_DB_PASSWORD_FILE: file };
    expect(readConfig(both, inFile).timeSeries?.password).toBe("from a file");
    const twice = message({ ...inFile, TIME_SERIES_DB_PASSWORD: `${secret}-repeated` }, both);
    expect(twice).toMatch(/TIME_SERIES_DB_PASSWORD and TIME_SERIES_DB_PASSWORD_FILE are both set/);
    expect(twice).not.toContain("repeated");
  });
});
