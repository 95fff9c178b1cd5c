import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { relatedResources } from "../related-resources";
import { statementsOf } from "../policy-statements";
import { known, rule } from "../rule";

/** Covers CKV_AWS_19 too. */
export const bucketEncryptedWithOwnKey = rule(S3Bucket, {
  id: "CKV_AWS_145",
  title: "Every bucket is encrypted with a key of the platform",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketServerSideEncryptionConfigurationA, ({ bucketInput }) => bucketInput).some(
      ({ ruleInput }) =>
        known(ruleInput)?.every(
          ({ applyServerSideEncryptionByDefault: encryption }) => encryption?.kmsMasterKeyId !== undefined,
        ) === true,
    ),
  remedy: "give SecureBucket its `encryptionKeyArn`, or an opt-out with its reason",
  optOut: "encryptionKeyArn",
});

export const bucketNotPublic = rule(S3Bucket, {
  id: "CKV2_AWS_6",
  title: "Every bucket blocks public access in all four ways",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketPublicAccessBlock, ({ bucketInput }) => bucketInput).some(
      (block) =>
        known(block.blockPublicAclsInput) === true &&
        known(block.blockPublicPolicyInput) === true &&
        known(block.ignorePublicAclsInput) === true &&
        known(block.restrictPublicBucketsInput) === true,
    ),
  remedy: "create buckets with SecureBucket",
});

export const bucketVersioned = rule(S3Bucket, {
  id: "CKV_AWS_21",
  title: "Every bucket keeps previous versions",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketVersioningA, ({ bucketInput }) => bucketInput).some(
      ({ versioningConfigurationInput }) => versioningConfigurationInput?.status === "Enabled",
    ),
  remedy: "create buckets with SecureBucket",
});

export const bucketLogged = rule(S3Bucket, {
  id: "CKV_AWS_18",
  title: "Who reads and writes a bucket is logged",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketLoggingA, ({ bucketInput }) => bucketInput).length > 0,
  remedy: "give SecureBucket its `accessLogs`, or an opt-out with its reason",
  optOut: "accessLogs",
});

export const bucketTlsOnly = rule(S3Bucket, {
  id: "CKV_AWS_379",
  title: "Every bucket refuses requests without TLS",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketPolicy, ({ bucketInput }) => bucketInput).some(({ policyInput }) =>
      statementsOf(policyInput).some(
        ({ Effect, Condition }) => Effect === "Deny" && Condition?.["Bool"]?.["aws:SecureTransport"]?.[0] === "false",
      ),
    ),
  remedy: "create buckets with SecureBucket, whose policy says so",
});

export const keyRotates = rule(KmsKey, {
  id: "CKV_AWS_7",
  title: "Every symmetric key rotates",
  complies: (key) =>
    !["SYMMETRIC_DEFAULT", undefined].includes(known(key.customerMasterKeySpecInput)) ||
    known(key.enableKeyRotationInput) === true,
  remedy: "create keys with EncryptionKey",
});

export const secretEncryptedWithOwnKey = rule(SecretsmanagerSecret, {
  id: "CKV_AWS_149",
  title: "Every secret is encrypted with a key of the platform",
  complies: (secret) => secret.kmsKeyIdInput !== undefined,
  remedy: "set `kmsKeyId`",
});

export const backupVaultEncrypted = rule(BackupVault, {
  id: "CKV_AWS_166",
  title: "Every backup vault is encrypted with a key of the platform",
  complies: (vault) => vault.kmsKeyArnInput !== undefined,
  remedy: "set `kmsKeyArn`",
});

export const topicEncrypted = rule(SnsTopic, {
  id: "CKV_AWS_26",
  title: "Every topic is encrypted",
  complies: (topic) => topic.kmsMasterKeyIdInput !== undefined,
  remedy: "set `kmsMasterKeyId`",
});

export const subscriptionsUseTls = rule(SnsTopicSubscription, {
  id: "BIST_3",
  title: "Messages leave a topic encrypted",
  complies: ({ protocolInput }) => known(protocolInput) !== "http",
  remedy: "subscribe an endpoint that starts with https://",
});

export const logGroupEncrypted = rule(CloudwatchLogGroup, {
  id: "CKV_AWS_158",
  title: "Every log group is encrypted with a key of the platform",
  complies: (group) => group.kmsKeyIdInput !== undefined,
  remedy: "create log groups with EncryptedLogGroup",
});

export const logGroupForgets = rule(CloudwatchLogGroup, {
  id: "CKV_AWS_66",
  title: "Every log group says how long it keeps events",
  complies: (group) => (known(group.retentionInDaysInput) ?? 0) > 0,
  remedy: "set `retentionInDays`",
});

export const repositoryEncrypted = rule(EcrRepository, {
  id: "CKV_AWS_136",
  title: "Every image repository is encrypted with KMS",
  complies: (repository) => {
    const [encryption] = known(repository.encryptionConfigurationInput) ?? [];
    return encryption?.encryptionType === "KMS";
  },
  remedy: 'set `encryptionConfiguration: [{ encryptionType: "KMS", kmsKey }]`',
});

export const repositoryTagsImmutable = rule(EcrRepository, {
  id: "CKV_AWS_51",
  title: "A tag of an image never moves",
  complies: (repository) => known(repository.imageTagMutabilityInput) === "IMMUTABLE",
  remedy: "set `imageTagMutability` to IMMUTABLE",
});

export const repositoryScanned = rule(EcrRepository, {
  id: "CKV_AWS_163",
  title: "Every image is scanned when it is pushed",
  complies: (repository) => known(repository.imageScanningConfigurationInput?.scanOnPush) === true,
  remedy: "set `imageScanningConfiguration: { scanOnPush: true }`",
});
