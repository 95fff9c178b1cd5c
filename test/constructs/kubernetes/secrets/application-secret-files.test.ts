import { DataAwsSecretsmanagerSecretVersions } from "@cdktf/provider-aws/lib/data-aws-secretsmanager-secret-versions";
import { Release } from "@cdktf/provider-helm/lib/release";
import { TerraformOutput } from "cdktf";
import type { TerraformStack } from "cdktf";
import { serviceKeys } from "../../../../app/packages/contract/services";
import { ApplicationSecretFiles } from "../../../../constructs/kubernetes/secrets/application-secret-files";
import type { ApplicationSecretFilesProps } from "../../../../constructs/kubernetes/secrets/application-secret-files";
import type { Reader } from "../../../../config/secret-settings";
import { applicationSecrets } from "../../../../config/application-secrets";
import type { SecretName } from "../../../../config/application-secrets";
import { dataSources, only, synthesize, testStack } from "../../../support/template";
import type { Block, Synthesized } from "../../../support/template";

const readers: readonly Reader[] = [...serviceKeys, "databaseJobs"];

function declare(
  brokerProxy?: { readonly authenticated: boolean },
  timeSeries: ApplicationSecretFilesProps["timeSeries"] = { in: "database" },
) {
  const stack = testStack();
  const names = Object.keys(applicationSecrets) as SecretName[];
  const secrets = Object.fromEntries(names.map((name) => [name, { arn: `arn:${name}`, name: `bist/${name}` }]));
  const files = new ApplicationSecretFiles(stack, "Secrets", {
    namespace: "trading",
    region: "us-east-1",
    secrets: secrets as Record<SecretName, { arn: string; name: string }>,
    cache: "arn:cache",
    databaseOwner: "arn:owner",
    timeSeries,
    brokerProxy,
  });
  return { stack, files };
}

interface Copy {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly target: { readonly name: string };
    readonly data: readonly { readonly secretKey: string; readonly remoteRef: { readonly key: string } }[];
  };
}

/** The objects of the release; quotes of Terraform's own expressions are not those of JSON. */
function objects(stack: TerraformStack): readonly Copy[] {
  const [values] = only(stack, Release)["values"] as [string];
  const text = values.replace(/\$\{[^}]*\}/g, (expression) => expression.replaceAll('"', '\\"'));
  return (JSON.parse(text) as { objects: Copy[] }).objects;
}

function copies(stack = declare().stack): Record<string, Copy> {
  const found = objects(stack).filter(({ kind }) => kind === "ExternalSecret");
  return Object.fromEntries(found.map((copy) => [copy.metadata.name, copy]));
}

describe("ApplicationSecretFiles", () => {
  test("gives the pods of each reader a Secret of its own, with what it reads and no more", () => {
    const read = Object.entries(copies()).map(([name, { spec }]) => [
      name,
      spec.data.map(({ secretKey, remoteRef }) => `${secretKey} ${remoteRef.key}`),
    ]);
    const everyService = ["DB_PASSWORD bist/databaseApplication", "REDIS_PASSWORD arn:cache"];
    const broker = [
      "ALGOLAB_API_KEY bist/algolab",
      "ALGOLAB_API_CODE bist/algolab",
      "ALGOLAB_SESSION_SECRET bist/algolabSessions",
    ];
    expect(Object.fromEntries(read)).toEqual({
      "user-management": [
        ...everyService,
        "JWT_SECRET bist/jwt",
        "JWT_PREVIOUS_SECRET bist/jwt",
        "DATA_ENCRYPTION_KEYS bist/encryption",
        "DATA_LOOKUP_SECRET bist/encryption",
      ],
      "market-data": [...everyService, ...broker],
      "broker-integration": [...everyService, ...broker],
      "database-jobs": [
        "DB_PASSWORD bist/databaseApplication",
        "DB_READONLY_PASSWORD bist/databaseReadonly",
        "DB_OWNER_USERNAME arn:owner",
        "DB_OWNER_PASSWORD arn:owner",
      ],
    });
  });

  test("gives market-data and jobs of their own the passwords of the time series' server, where there is one", () => {
    const { stack, files } = declare(undefined, { in: "timescaledb" });
    const read = (name: string) =>
      copies(stack)[name]?.spec.data.map(({ secretKey, remoteRef }) => `${secretKey} ${remoteRef.key}`);
    expect(read("time-series-jobs")).toEqual([
      "DB_PASSWORD bist/databaseApplication",
      "DB_READONLY_PASSWORD bist/databaseReadonly",
      "DB_OWNER_PASSWORD bist/timeSeriesOwner",
    ]);
    expect(read("market-data")).toContain("TIME_SERIES_DB_PASSWORD bist/databaseApplication");
    expect(read("database-jobs")).toContain("DB_OWNER_PASSWORD arn:owner");
    expect(files.of("timeSeriesJobs").secretName).toMatch(/^time-series-jobs-/);
    expect(Object.keys(copies())).not.toContain("time-series-jobs");
    expect(JSON.stringify(objects(declare().stack))).not.toContain("TIME_SERIES");
  });

  test("gives the credentials of the broker's proxy to those who speak to the broker, where it asks for any", () => {
    const told = (brokerProxy?: { readonly authenticated: boolean }) =>
      Object.values(copies(declare(brokerProxy).stack)).flatMap(({ metadata, spec }) =>
        spec.data.flatMap(({ secretKey, remoteRef }) =>
          secretKey === "ALGOLAB_PROXY_CREDENTIALS" ? [{ reader: metadata.name, ...remoteRef }] : [],
        ),
      );
    const kept = { key: "bist/algolab", property: "proxyCredentials" };
    expect(told({ authenticated: true })).toEqual([
      { reader: "market-data", ...kept },
      { reader: "broker-integration", ...kept },
    ]);
    expect(told({ authenticated: false })).toEqual([]);
    expect(told()).toEqual([]);
  });

  test("names a Secret for the versions that it was made from, so that a changed one is another one", () => {
    const { stack, files } = declare();
    new TerraformOutput(stack, "mounted", { value: files.of("userManagement").secretName });
    const { output, locals } = synthesize(stack) as Synthesized & { locals?: Record<string, string> };
    const version = (source: string) => {
      const [id, expression] =
        Object.entries(locals ?? {}).find(([name]) => name.startsWith(`Secrets_${source}Version_`)) ?? [];
      expect(expression).toContain('if contains(version.version_stages, "AWSCURRENT")');
      return `local.${id ?? ""}`;
    };
    const versions = ["DatabaseApplication", "Cache", "Jwt", "Encryption"].map(version);
    const digest = `\${substr(sha256(join(" ", [${versions.join(", ")}])), 0, 10)}`;
    expect(output?.["mounted"]?.value).toBe(`user-management-${digest}`);
    expect(copies(stack)["user-management"]?.spec.target.name).toBe(`user-management-${digest}`);
  });

  test("does not follow the owner's password, which RDS changes by itself every week", () => {
    const followed = dataSources(declare().stack, DataAwsSecretsmanagerSecretVersions).map((data) => data["secret_id"]);
    expect(followed).toContain("arn:cache");
    expect(followed).not.toContain("arn:owner");
  });

  test("stops a plan with what to do where nobody has put a value in", () => {
    const algolab = dataSources(declare().stack, DataAwsSecretsmanagerSecretVersions).find(
      (data) => data["secret_id"] === "bist/algolab",
    );
    expect((algolab?.["lifecycle"] as Block)["postcondition"]).toEqual([
      {
        condition: '${anytrue([for version in self.versions : contains(version.version_stages, "AWSCURRENT")])}',
        error_message: expect.stringContaining("put-secret-value --secret-id bist/algolab") as string,
      },
    ]);
  });

  test("leaves the namespace without credentials of AWS", () => {
    expect(objects(declare().stack).find(({ kind }) => kind === "SecretStore")?.spec).toEqual({
      provider: { aws: { service: "SecretsManager", region: "us-east-1" } },
    });
  });

  test("has files for every reader", () => {
    const { files } = declare();
    for (const reader of readers) expect(files.of(reader).variables.length).toBeGreaterThan(3);
  });
});
