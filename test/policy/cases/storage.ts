import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import type { EcrRepositoryConfig } from "@cdktf/provider-aws/lib/ecr-repository";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import type { KmsKeyConfig } from "@cdktf/provider-aws/lib/kms-key";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import type { TerraformStack } from "cdktf";
import { policyDocument } from "../../../constructs/aws/iam/policy-document";
import type { Build, Cases } from "./case";

/** A bucket, with a resource that refers to it and, to be told apart, a second bucket without one. */
const bucket =
  (related?: (stack: TerraformStack, bucket: string) => unknown): Build =>
  (stack) => {
    const found = new S3Bucket(stack, "Bucket");
    related?.(stack, found.id);
    return found;
  };

const othersBucket =
  (related: (stack: TerraformStack, bucket: string) => unknown): Build =>
  (stack) => {
    related(stack, new S3Bucket(stack, "OtherBucket").id);
    return new S3Bucket(stack, "Bucket");
  };

const encryption = (sseAlgorithm: string, kmsMasterKeyId?: string) => (stack: TerraformStack, id: string) =>
  new S3BucketServerSideEncryptionConfigurationA(stack, "Encryption", {
    bucket: id,
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm, kmsMasterKeyId } }],
  });

const privacy = (restrictPublicBuckets: boolean) => (stack: TerraformStack, id: string) =>
  new S3BucketPublicAccessBlock(stack, "Privacy", {
    bucket: id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets,
  });

const versioning = (status: string) => (stack: TerraformStack, id: string) =>
  new S3BucketVersioningA(stack, "Versioning", { bucket: id, versioningConfiguration: { status } });

const accessLogs = (stack: TerraformStack, id: string) =>
  new S3BucketLoggingA(stack, "Logging", { bucket: id, targetBucket: "logs", targetPrefix: "access/" });

const policy = (effect: "Allow" | "Deny", secure: string) => (stack: TerraformStack, id: string) =>
  new S3BucketPolicy(stack, "Policy", {
    bucket: id,
    policy: policyDocument([
      {
        sid: "Tls",
        effect,
        principals: "*",
        actions: ["s3:*"],
        resources: ["arn:aws:s3:::bucket/*"],
        conditions: { Bool: { "aws:SecureTransport": [secure] } },
      },
    ]),
  });

const key =
  (config: KmsKeyConfig): Build =>
  (stack) =>
    new KmsKey(stack, "Key", config);

const repository =
  (config: Partial<EcrRepositoryConfig>): Build =>
  (stack) =>
    new EcrRepository(stack, "Repository", { name: "app", ...config });

const kmsKeyId = "arn:aws:kms:us-east-1:111122223333:key/1";

export const cases: Cases = {
  CKV_AWS_145: {
    complies: [bucket(encryption("aws:kms", kmsKeyId))],
    violates: [bucket(encryption("AES256")), bucket(), othersBucket(encryption("aws:kms", kmsKeyId))],
  },
  CKV2_AWS_6: {
    complies: [bucket(privacy(true))],
    violates: [bucket(privacy(false)), bucket(), othersBucket(privacy(true))],
  },
  CKV_AWS_21: {
    complies: [bucket(versioning("Enabled"))],
    violates: [bucket(versioning("Suspended")), bucket(), othersBucket(versioning("Enabled"))],
  },
  CKV_AWS_18: { complies: [bucket(accessLogs)], violates: [bucket(), othersBucket(accessLogs)] },
  CKV_AWS_379: {
    complies: [bucket(policy("Deny", "false"))],
    violates: [bucket(policy("Allow", "false")), bucket(policy("Deny", "true")), bucket()],
  },
  CKV_AWS_7: {
    complies: [key({ enableKeyRotation: true }), key({ customerMasterKeySpec: "ECC_NIST_P256" })],
    violates: [key({ enableKeyRotation: false }), key({})],
  },
  CKV_AWS_149: {
    complies: [(stack) => new SecretsmanagerSecret(stack, "Secret", { kmsKeyId })],
    violates: [(stack) => new SecretsmanagerSecret(stack, "Secret", {})],
  },
  CKV_AWS_166: {
    complies: [(stack) => new BackupVault(stack, "Vault", { name: "vault", kmsKeyArn: kmsKeyId })],
    violates: [(stack) => new BackupVault(stack, "Vault", { name: "vault" })],
  },
  CKV_AWS_26: {
    complies: [(stack) => new SnsTopic(stack, "Topic", { kmsMasterKeyId: kmsKeyId })],
    violates: [(stack) => new SnsTopic(stack, "Topic", {})],
  },
  BIST_3: {
    complies: [
      (stack) => new SnsTopicSubscription(stack, "Pager", { topicArn: "a", protocol: "https", endpoint: "https://b" }),
      (stack) => new SnsTopicSubscription(stack, "Mail", { topicArn: "a", protocol: "email", endpoint: "a@b.test" }),
    ],
    violates: [
      (stack) => new SnsTopicSubscription(stack, "Pager", { topicArn: "a", protocol: "http", endpoint: "http://b" }),
    ],
  },
  CKV_AWS_158: {
    complies: [(stack) => new CloudwatchLogGroup(stack, "Logs", { kmsKeyId })],
    violates: [(stack) => new CloudwatchLogGroup(stack, "Logs", {})],
  },
  CKV_AWS_66: {
    complies: [(stack) => new CloudwatchLogGroup(stack, "Logs", { retentionInDays: 1 })],
    violates: [
      (stack) => new CloudwatchLogGroup(stack, "Logs", {}),
      (stack) => new CloudwatchLogGroup(stack, "Logs", { retentionInDays: 0 }),
    ],
  },
  CKV_AWS_136: {
    complies: [repository({ encryptionConfiguration: [{ encryptionType: "KMS" }] })],
    violates: [repository({ encryptionConfiguration: [{ encryptionType: "AES256" }] }), repository({})],
  },
  CKV_AWS_51: {
    complies: [repository({ imageTagMutability: "IMMUTABLE" })],
    violates: [repository({ imageTagMutability: "MUTABLE" }), repository({})],
  },
  CKV_AWS_163: {
    complies: [repository({ imageScanningConfiguration: { scanOnPush: true } })],
    violates: [repository({ imageScanningConfiguration: { scanOnPush: false } }), repository({})],
  },
};
