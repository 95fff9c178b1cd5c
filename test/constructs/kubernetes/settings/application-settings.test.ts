import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { TerraformOutput } from "cdktf";
import { backupSection } from "../../../../app/database/backup/s3-store";
import { databaseCommandSections } from "../../../../app/database/config";
import { algolabSection } from "../../../../app/packages/algolab/config";
import { calendarChangesSchema } from "../../../../app/packages/contract/calendar-changes";
import { timeSeriesPrefix } from "../../../../app/packages/contract/database";
import { services } from "../../../../app/packages/contract/services";
import { ConfigError, readConfig } from "../../../../app/packages/kit/config/read";
import type { Sections } from "../../../../app/packages/kit/config/read";
import { databaseSection, serviceSections } from "../../../../app/packages/kit/config/sections";
import { tradingSection } from "../../../../app/services/broker-integration/config";
import { marketDataSection } from "../../../../app/services/market-data/config";
import { userManagementSection } from "../../../../app/services/user-management/config";
import { environment } from "../../../../config";
import { settingsOf } from "../../../../config/secret-settings";
import type { Reader } from "../../../../config/secret-settings";
import { ApplicationSettings } from "../../../../constructs/kubernetes/settings/application-settings";
import type { ApplicationSettingsProps } from "../../../../constructs/kubernetes/settings/application-settings";
import { optOutsOf } from "../../../../constructs/support/protection";
import { only, synthesize, testStack } from "../../../support/template";

const props: ApplicationSettingsProps = {
  namespace: "trading",
  region: "us-east-1",
  database: { host: "db.internal", port: 5432, name: "bist_trading" },
  databasePool: { min: 2, max: 5 },
  cache: { host: "cache.internal", port: 6379 },
  brokerUrl: "https://www.algolab.com.tr",
  trustedProxies: "10.0.1.0/24,10.0.2.0/24",
  allowedOrigins: ["https://bist-trading.com", "https://app.bist-trading.com"],
  keysAt: "user-api.bist-trading.com",
};

function settings(more: Partial<ApplicationSettingsProps> = {}) {
  const stack = testStack();
  const made = new ApplicationSettings(stack, "Settings", { ...props, ...more });
  return { stack, made, data: only(stack, ConfigMapV1)["data"] as Record<string, string> };
}

/** What a pod of each kind reads, section by section. */
const sections = {
  userManagement: { ...serviceSections(services.userManagement), own: userManagementSection },
  marketData: { ...serviceSections(services.marketData), own: marketDataSection, algolab: algolabSection },
  brokerIntegration: { ...serviceSections(services.brokerIntegration), own: tradingSection, algolab: algolabSection },
  databaseJobs: { ...databaseCommandSections, backup: backupSection },
  timeSeriesJobs: databaseCommandSections,
} as const satisfies Record<Reader, Sections>;

const code = Buffer.alloc(32, 7).toString("base64");
/** Values of the right form, by the variables that are secret. */
const secretValues: Readonly<Record<string, string>> = {
  DATA_ENCRYPTION_KEYS: `1:${code}`,
  ALGOLAB_API_KEY: `API-${code}`,
  ALGOLAB_API_CODE: code,
  ALGOLAB_PROXY_CREDENTIALS: "user:password",
};

describe("ApplicationSettings", () => {
  const folder = mkdtempSync(join(tmpdir(), "settings-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const withProxy = { brokerProxy: { url: "http://proxy.example.com.tr:3128" } };
  const cases = (Object.keys(sections) as Reader[]).flatMap((reader) => [
    { reader, how: "straight to the broker", more: {}, authenticatedProxy: false },
    { reader, how: "by a proxy", more: withProxy, authenticatedProxy: false },
    { reader, how: "by a proxy that asks for credentials", more: withProxy, authenticatedProxy: true },
  ]);

  test.each(cases)("with its secret files is all that $reader needs to start, $how", (one) => {
    const { reader, more, authenticatedProxy } = one;
    const secrets = settingsOf(reader, { authenticatedProxy, timescaledb: false }).map(({ variable }) => {
      const file = join(folder, variable);
      writeFileSync(file, secretValues[variable] ?? "x".repeat(48));
      return [`${variable}_FILE`, file] as const;
    });
    const pod = { ...settings(more).data, ...Object.fromEntries(secrets), BACKUP_BUCKET: "dumps" };
    expect(() => readConfig(sections[reader], pod)).not.toThrow();
  });

  test("has no variable that nobody reads", () => {
    const read = Object.values(sections).flatMap((parts) =>
      Object.values<{ readonly variables: object }>(parts).flatMap(({ variables }) => Object.keys(variables)),
    );
    const known = new Set([...read, "OTEL_EXPORTER_OTLP_ENDPOINT"]);
    expect(Object.keys(settings(withProxy).data).filter((variable) => !known.has(variable))).toEqual([]);
  });

  describe("with a server of the time series' own", () => {
    const stack = testStack();
    const timeSeries = {
      host: "time-series.trading.svc",
      port: 5432,
      name: "bist_trading",
      owner: "bist_admin",
      authoritySecret: "time-series-ca",
      ready: new NamespaceV1(stack, "Ready", { metadata: { name: "ready" } }),
    };
    const second = Object.entries(settings({ timeSeries }).data).filter(([name]) => name.startsWith(timeSeriesPrefix));

    test("are a second set of the database's variables, all that a client of it needs but the password", () => {
      const authorities = join(folder, "ca.crt");
      writeFileSync(authorities, "the authority of the time series");
      const own = Object.fromEntries(second.map(([name, value]) => [name.slice(timeSeriesPrefix.length), value]));
      expect(own["DB_SSL_AUTHORITIES_FILE"]).toBe("/run/secrets/time-series/ca.crt");
      const pod = { ...own, DB_SSL_AUTHORITIES_FILE: authorities, DB_PASSWORD: "x".repeat(48) };
      const { database } = readConfig({ database: databaseSection }, pod);
      expect(database).toMatchObject({ host: "time-series.trading.svc", port: 5432, username: "bist_services" });
      expect(JSON.stringify(database)).toContain("the authority of the time series");
    });

    test("name it by TLS even where the others have no certificates", () => {
      const plaintextConnections = { reason: "The database of this machine has no certificate." };
      expect(settings({ timeSeries, plaintextConnections }).data).toMatchObject({
        DB_SSL_MODE: "disable",
        TIME_SERIES_DB_SSL_MODE: "verify-full",
      });
    });

    test("are not there without one", () => {
      expect(Object.keys(settings().data).filter((name) => name.startsWith(timeSeriesPrefix))).toEqual([]);
    });
  });

  test("names the proxy before the broker where there is one", () => {
    expect(settings(withProxy).data).toMatchObject({ ALGOLAB_PROXY_URL: "http://proxy.example.com.tr:3128" });
    expect(settings().data).not.toHaveProperty("ALGOLAB_PROXY_URL");
  });

  test("reaches the database and the cache by TLS, and knows who signs for RDS", () => {
    const { data } = settings();
    expect(data).toMatchObject({ DB_SSL_MODE: "verify-full", REDIS_TLS: "true", REDIS_USERNAME: "application" });
    expect(data["DB_SSL_AUTHORITIES"]?.match(/-----BEGIN CERTIFICATE-----/g)).toHaveLength(3);
  });

  test("does without TLS for a reason that the output shows", () => {
    const reason = "The database of this machine has no certificate.";
    const { stack, data } = settings({ plaintextConnections: { reason } });
    expect(data).toMatchObject({ DB_SSL_MODE: "disable", REDIS_TLS: "false" });
    expect(data).not.toHaveProperty("DB_SSL_AUTHORITIES");
    expect(stack.node.findAll().flatMap(optOutsOf)).toEqual([{ setting: "DB_SSL_MODE", reason }]);
  });

  test("carries changes of the exchange's calendar as those who trade by it read them", () => {
    const changes = calendarChangesSchema.parse({
      feasts: [{ certainty: "PUBLISHED", ramadanFeast: "2028-02-26", sacrificeFeast: "2028-05-05" }],
      days: [{ date: "2027-02-08", kind: "CLOSED", reason: 'a "one-off" closing, ${Şeker} %{if}' }],
    });
    expect(settings().data).not.toHaveProperty("BIST_CALENDAR_CHANGES");
    const { BIST_CALENDAR_CHANGES } = settings({ calendarChanges: changes }).data;
    expect(BIST_CALENDAR_CHANGES).not.toMatch(/[$%]\{/);
    for (const section of [tradingSection, marketDataSection]) {
      const { calendar } = readConfig({ own: section }, { BIST_CALENDAR_CHANGES }).own;
      expect(calendar.day("2027-02-08")).toMatchObject({
        kind: "CLOSED",
        reason: 'a "one-off" closing, ${Şeker} %{if}',
      });
      expect(calendar.endMs).toBe(Date.parse("2029-01-01T00:00:00+03:00"));
    }
  });

  test.each([tradingSection, marketDataSection])(
    "with changes that are malformed stops a service with the reason",
    (own) => {
      const read = () =>
        readConfig({ own }, { BIST_CALENDAR_CHANGES: '{"days":[{"date":"8.2.2027"},{"kind":"SHUT"}]}' });
      expect(read).toThrow(ConfigError);
      expect(read).toThrow(/BIST_CALENDAR_CHANGES is .*days.0.date: is not a date; use YYYY-MM-DD.*days.1.kind/);
    },
  );

  test("asks for the keys of tokens by a host that the certificate names", () => {
    expect(settings().data["JWT_KEYS_URL"]).toBe("https://user-api.bist-trading.com:8081/.well-known/jwks.json");
  });

  test("tells pods of a change by a digest of all of it", () => {
    const { stack, made } = settings();
    new TerraformOutput(stack, "revision", { value: made.revision });
    expect(synthesize(stack).output?.["revision"]?.value).toMatch(
      /^\$\{substr\(sha256\(jsonencode\(kubernetes_config_map_v1\.\w+\.data\)\), 0, 10\)\}$/,
    );
  });

  test("knows no authority of a region that RDS is not in", () => {
    expect(() => settings({ region: "mars-north-1" })).toThrow(
      "no authority of RDS is known for the region mars-north-1",
    );
  });

  test.each(["production", "staging"])("has %s's origins and broker", (name) => {
    const { trading } = environment(name);
    expect(settings(trading).data).toMatchObject({
      CORS_ALLOWED_ORIGINS: trading.allowedOrigins.join(","),
      ALGOLAB_API_URL: "https://www.algolab.com.tr",
    });
  });
});
