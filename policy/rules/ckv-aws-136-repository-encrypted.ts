import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { known, rule } from "../rule";

/** Every image repository is encrypted with KMS. CKV_AWS_136. */
export const repositoryEncrypted = rule(EcrRepository, {
  id: "CKV_AWS_136",
  title: "Every image repository is encrypted with KMS",
  complies: (repository) => {
    const [encryption] = known(repository.encryptionConfigurationInput) ?? [];
    return encryption?.encryptionType === "KMS";
  },
  remedy: 'set `encryptionConfiguration: [{ encryptionType: "KMS", kmsKey }]`',
});
