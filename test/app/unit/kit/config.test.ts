import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { services } from "../../../../app/packages/contract/services";
import { readConfig } from "../../../../app/packages/kit/config/read";
import { serviceSections } from "../../../../app/packages/kit/config/sections";
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
