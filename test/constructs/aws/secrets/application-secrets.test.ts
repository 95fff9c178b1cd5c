import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { applicationRole, readonlyRole } from "../../../../app/database/roles";
import { parseEncryptionKeys } from "../../../../app/services/user-management/crypto/personal-data-vault";
import { EncryptionKey } from "../../../../constructs/aws/encryption/encryption-key";
import { ApplicationSecrets } from "../../../../constructs/aws/secrets/application-secrets";
import type { Environment } from "../../../../config";
import { secretsOf } from "../../../../config/application-secrets";
import { timescaledb } from "../../../support/time-series";
import { resources, testStack } from "../../../support/template";

const declare = (timeSeries: Environment["timeSeries"] = { in: "database" }) => {
  const stack = testStack();
  const account = { accountId: "111122223333", region: "us-east-1" };
  const key = new EncryptionKey(stack, "Key", {
    alias: "test/secrets",
    description: "Secrets",
    account,
    protection: true,
  });
  return {
    stack,
    secrets: new ApplicationSecrets(stack, "Secrets", {
      prefix: "bist-test",
      names: secretsOf({ timeSeries }),
      key,
      protection: true,
    }),
  };
};

/** Every name that a deployment mounts, and the keys of its JSON. */
const expected = {
  "bist-test/database/application": ["username", "password"],
  "bist-test/database/readonly": ["username", "password"],
  "bist-test/jwt": ["previous", "secret"],
  "bist-test/encryption": ["encryptionKeys", "lookupSecret"],
  "bist-test/algolab-sessions": ["secret"],
  "bist-test/grafana": ["username", "password"],
};

const values = () =>
  resources(declare().stack, SecretsmanagerSecretVersion).map(
    ({ secret_string_wo: value }) => JSON.parse(value as string) as Readonly<Record<string, string>>,
  );

describe("ApplicationSecrets", () => {
  test("declares every secret under the environment's prefix", () => {
    const names = resources(declare().stack, SecretsmanagerSecret).map(({ name }) => name);
    expect(names.sort()).toEqual([...Object.keys(expected), "bist-test/algolab"].sort());
  });

  test("has an owner of the time series' database only where that has a server of its own", () => {
    const { stack, secrets } = declare(timescaledb);
    const names = resources(stack, SecretsmanagerSecret).map(({ name }) => name);
    expect(names.sort()).toEqual(
      [...Object.keys(expected), "bist-test/algolab", "bist-test/database/time-series"].sort(),
    );
    expect(secrets.references.timeSeriesOwner?.name).toBe("bist-test/database/time-series");
    expect(declare().secrets.references).not.toHaveProperty("timeSeriesOwner");
  });

  test("generates each but the broker's, which an operator puts in", () => {
    const { secrets } = declare();
    const keys = values().map((value) => Object.keys(value).join());
    expect(keys.sort()).toEqual(
      Object.values(expected)
        .map((names) => names.join())
        .sort(),
    );
    expect(secrets.references.algolab.name).toBe("bist-test/algolab");
  });

  test("gives each database user its own name, which the bootstrap makes a member of the application's role", () => {
    const users = values().flatMap(({ username = "admin" }) => (username === "admin" ? [] : [username]));
    expect(users.sort()).toEqual(["bist_services", readonlyRole]);
    expect(users).not.toContain(applicationRole);
  });

  test("generates keys of personal data that the services accept", () => {
    const { encryptionKeys } = values().find((value) => "encryptionKeys" in value) ?? {};
    const generated = encryptionKeys?.replace(/\${.*}/, "aB3".repeat(15).slice(0, 43)) ?? "";
    expect(parseEncryptionKeys(generated)).toMatchObject([{ id: "1" }]);
    expect(parseEncryptionKeys(generated)[0]?.key).toHaveLength(32);
  });
});
