import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { rule } from "../rule";

/** Every secret is encrypted with a key of the platform. CKV_AWS_149. */
export const secretEncryptedWithOwnKey = rule(SecretsmanagerSecret, {
  id: "CKV_AWS_149",
  title: "Every secret is encrypted with a key of the platform",
  complies: (secret) => secret.kmsKeyIdInput !== undefined,
  remedy: "set `kmsKeyId`",
});
