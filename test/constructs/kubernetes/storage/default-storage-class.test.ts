import { StorageClassV1 } from "@cdktf/provider-kubernetes/lib/storage-class-v1";
import { DefaultStorageClass } from "../../../../constructs/kubernetes/storage/default-storage-class";
import { only, testStack } from "../../../support/template";

describe("DefaultStorageClass", () => {
  test("encrypts with the platform's key, waits for the pod and keeps what a claim held", () => {
    const stack = testStack();
    new DefaultStorageClass(stack, "StorageClass", { keyArn: "arn:aws:kms:us-east-1:111122223333:key/disks" });
    expect(only(stack, StorageClassV1)).toMatchObject({
      metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      storage_provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true", kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/disks" },
      volume_binding_mode: "WaitForFirstConsumer",
      reclaim_policy: "Retain",
    });
  });
});
