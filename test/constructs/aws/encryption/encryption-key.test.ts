import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { EncryptionKey } from "../../../../constructs/aws/encryption/encryption-key";
import type { EncryptionKeyProps } from "../../../../constructs/aws/encryption/encryption-key";
import { EncryptedLogGroup } from "../../../../constructs/aws/logs/log-group";
import { only, testStack } from "../../../support/template";

const props: EncryptionKeyProps = {
  alias: "bist-trading-test/logs",
  description: "Encrypts logs",
  account: { accountId: "111122223333", region: "us-east-1" },
  protection: true,
};
const keyOf = (changes: Partial<EncryptionKeyProps> = {}) => {
  const stack = testStack();
  const key = new EncryptionKey(stack, "Key", { ...props, ...changes });
  return { stack, key };
};

describe("EncryptionKey", () => {
  test("rotates, cannot be destroyed, and has a name", () => {
    const { stack } = keyOf();
    expect(only(stack, KmsKey)).toMatchObject({
      enable_key_rotation: true,
      deletion_window_in_days: 30,
      lifecycle: { prevent_destroy: true },
    });
    expect(only(stack, KmsAlias)).toMatchObject({ name: "alias/bist-trading-test/logs" });
  });

  test("can be destroyed where data is not protected", () => {
    const block = only(keyOf({ protection: { reason: "nothing of worth" } }).stack, KmsKey);
    expect(block).toMatchObject({ deletion_window_in_days: 7 });
    expect(block).not.toHaveProperty("lifecycle");
  });

  test("lets services in for this account only", () => {
    const { stack } = keyOf({
      services: ["logs.us-east-1.amazonaws.com", "cloudwatch.amazonaws.com"],
      statements: [{ sid: "More", principals: "*", actions: ["kms:DescribeKey"], resources: ["*"] }],
    });
    const { Statement } = JSON.parse(String(only(stack, KmsKey)["policy"])) as { Statement: unknown[] };
    const cryptography = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
    expect(Statement).toEqual([
      {
        Sid: "Account",
        Effect: "Allow",
        Principal: { AWS: ["arn:aws:iam::111122223333:root"] },
        Action: ["kms:*"],
        Resource: ["*"],
      },
      {
        Sid: "logsuseast1amazonawscom",
        Effect: "Allow",
        Principal: { Service: ["logs.us-east-1.amazonaws.com"] },
        Action: cryptography,
        Resource: ["*"],
        Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": ["arn:aws:logs:us-east-1:111122223333:*"] } },
      },
      {
        Sid: "cloudwatchamazonawscom",
        Effect: "Allow",
        Principal: { Service: ["cloudwatch.amazonaws.com"] },
        Action: cryptography,
        Resource: ["*"],
        Condition: { StringEquals: { "aws:SourceAccount": ["111122223333"] } },
      },
      { Sid: "More", Effect: "Allow", Principal: "*", Action: ["kms:DescribeKey"], Resource: ["*"] },
    ]);
  });
});

describe("EncryptedLogGroup", () => {
  test("keeps events encrypted for as long as asked", () => {
    const { stack, key } = keyOf({ services: ["logs.us-east-1.amazonaws.com"] });
    new EncryptedLogGroup(stack, "Logs", { name: "/test", retentionDays: 30, key });
    expect(only(stack, CloudwatchLogGroup)).toEqual({
      name: "/test",
      retention_in_days: 30,
      kms_key_id: expect.stringMatching(/^\$\{aws_kms_key\.Key_\w+\.arn\}$/) as string,
    });
  });

  test("refuses a key that CloudWatch Logs could not use", () => {
    const { stack, key } = keyOf();
    expect(() => new EncryptedLogGroup(stack, "Logs", { name: "/test", retentionDays: 30, key })).toThrow(
      "test/Logs: test/Key does not let CloudWatch Logs in; add logs.<region>.amazonaws.com to its services",
    );
  });
});
