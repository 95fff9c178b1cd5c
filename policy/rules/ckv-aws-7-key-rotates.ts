import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { known, rule } from "../rule";

/** Every symmetric key rotates. CKV_AWS_7. */
export const keyRotates = rule(KmsKey, {
  id: "CKV_AWS_7",
  title: "Every symmetric key rotates",
  complies: (key) =>
    !["SYMMETRIC_DEFAULT", undefined].includes(known(key.customerMasterKeySpecInput)) ||
    known(key.enableKeyRotationInput) === true,
  remedy: "create keys with EncryptionKey",
});
