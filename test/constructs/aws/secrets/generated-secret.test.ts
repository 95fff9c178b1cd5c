import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import type { TerraformStack } from "cdktf";
import { EncryptionKey } from "../../../../constructs/aws/encryption/encryption-key";
import { GeneratedSecret } from "../../../../constructs/aws/secrets/generated-secret";
import type { GeneratedValue } from "../../../../config/application-secrets";
import { PlatformSecret } from "../../../../constructs/aws/secrets/platform-secret";
import type { Protection } from "../../../../constructs/support/protection";
import { only, resources, synthesize, testStack } from "../../../support/template";

const account = { accountId: "111122223333", region: "us-east-1" };
const secretProps = (stack: TerraformStack, protection: Protection = true) => ({
  name: "bist-trading-test/jwt",
  description: "What access tokens are signed with",
  key: new EncryptionKey(stack, "Key", { alias: "test/secrets", description: "Secrets", account, protection }),
  protection,
});
const generate = (value: Partial<GeneratedValue> = {}, protection: Protection = true) => {
  const stack = testStack();
  const secret = new GeneratedSecret(stack, "Secret", {
    ...secretProps(stack, protection),
    random: { password: { length: 48 } },
    version: 1,
    ...value,
  });
  return { stack, secret };
};
const ephemeralPasswords = (stack: TerraformStack) =>
  Object.entries(
    (synthesize(stack)["ephemeral"] as Record<string, Record<string, object>>)["aws_secretsmanager_random_password"] ??
      {},
  );

describe("GeneratedSecret", () => {
  test("writes an ephemeral password, and only through the write-only argument", () => {
    const { stack } = generate({ fixed: { username: "bist_application" } });
    const [password, ...others] = ephemeralPasswords(stack);
    expect(others).toEqual([]);
    const value = only(stack, SecretsmanagerSecretVersion);
    expect(JSON.parse(value["secret_string_wo"] as string)).toEqual({
      username: "bist_application",
      password: `\${ephemeral.aws_secretsmanager_random_password.${password?.[0] ?? ""}.random_password}`,
    });
    expect(value).not.toHaveProperty("secret_string");
    expect(value).toMatchObject({ secret_string_wo_version: 1 });
  });

  test("asks for letters and digits, and writes them in the format that is wanted", () => {
    const { stack } = generate({ random: { keys: { length: 43, format: (text) => `1:${text}=` } } });
    const [[id, settings] = []] = ephemeralPasswords(stack);
    expect(settings).toEqual({ password_length: 43, exclude_punctuation: true });
    expect(JSON.parse(only(stack, SecretsmanagerSecretVersion)["secret_string_wo"] as string)).toEqual({
      keys: `1:\${ephemeral.aws_secretsmanager_random_password.${id ?? ""}.random_password}=`,
    });
  });

  test("is generated anew by a higher version and by nothing else", () => {
    const text = (version: number) => JSON.stringify(synthesize(generate({ version }).stack).resource);
    expect(text(1)).toBe(text(1));
    expect(text(2)).toBe(text(1).replace('"secret_string_wo_version":1', '"secret_string_wo_version":2'));
  });

  test("can be taken back for 30 days and is not destroyed, unless protection is off", () => {
    expect(only(generate().stack, SecretsmanagerSecret)).toMatchObject({
      recovery_window_in_days: 30,
      lifecycle: { prevent_destroy: true },
    });
    const { stack } = generate({}, { reason: "The emulator's data is disposable." });
    expect(only(stack, SecretsmanagerSecret)).toMatchObject({ recovery_window_in_days: 0 });
    expect(only(stack, SecretsmanagerSecret)["lifecycle"]).toBeUndefined();
  });

  test("names everything that is wrong at once", () => {
    expect(() => generate({ fixed: { password: "x" }, version: 0 })).toThrow(
      /test\/Secret: "password" is both random and fixed; version is 0; count from 1/,
    );
    expect(() => generate({ random: {} })).toThrow(/generates nothing; use PlatformSecret/);
  });
});

describe("PlatformSecret", () => {
  test("has a key and no value", () => {
    const stack = testStack();
    new PlatformSecret(stack, "Secret", secretProps(stack));
    expect(only(stack, SecretsmanagerSecret)).toMatchObject({
      name: "bist-trading-test/jwt",
      kms_key_id: expect.stringMatching(/^\${aws_kms_key\..*\.arn}$/) as unknown,
    });
    expect(resources(stack, SecretsmanagerSecretVersion)).toEqual([]);
  });
});
