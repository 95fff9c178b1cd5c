import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { EncryptionKey } from "../../../constructs/encryption/encryption-key";
import { ApplicationSecrets } from "../../../constructs/secrets/application-secrets";
import { resources, testStack } from "../../support/template";

const declare = () => {
  const stack = testStack();
  const account = { accountId: "111122223333", region: "us-east-1" };
  const key = new EncryptionKey(stack, "Key", {
    alias: "test/secrets",
    description: "Secrets",
    account,
    protection: true,
  });
  return { stack, secrets: new ApplicationSecrets(stack, "Secrets", { prefix: "bist-test", key, protection: true }) };
};

/** Every name that the application's deployment mounts, and the keys of its JSON. */
const expected = {
  "bist-test/database/application": ["username", "password"],
  "bist-test/database/migrations": ["username", "password"],
  "bist-test/database/readonly": ["username", "password"],
  "bist-test/jwt": ["secret"],
  "bist-test/encryption": ["encryptionKey", "hashKey"],
};

describe("ApplicationSecrets", () => {
  test("declares every secret under the environment's prefix", () => {
    const names = resources(declare().stack, SecretsmanagerSecret).map(({ name }) => name);
    expect(names.sort()).toEqual([...Object.keys(expected), "bist-test/algolab"].sort());
  });

  test("generates each but the broker's, which an operator puts in", () => {
    const { stack, secrets } = declare();
    const keys = resources(stack, SecretsmanagerSecretVersion).map(({ secret_string_wo: value }) =>
      Object.keys(JSON.parse(value as string) as object).join(),
    );
    expect(keys.sort()).toEqual(
      Object.values(expected)
        .map((names) => names.join())
        .sort(),
    );
    expect(secrets.references.algolab.name).toBe("bist-test/algolab");
  });

  test("gives each database role its own name", () => {
    const users = resources(declare().stack, SecretsmanagerSecretVersion).flatMap(({ secret_string_wo: value }) => {
      const { username } = JSON.parse(value as string) as { username?: string };
      return username === undefined ? [] : [username];
    });
    expect(users.sort()).toEqual(["bist_application", "bist_migrations", "readonly_user"]);
  });
});
