import { StorageClassV1 } from "@cdktf/provider-kubernetes/lib/storage-class-v1";
import { Construct } from "constructs";

export interface DefaultStorageClassProps {
  /** ARN of the key that encrypts the volumes. */
  readonly keyArn: string;
}

/** What the class is called, for claims that name one. */
export const STORAGE_CLASS = "gp3-encrypted";

/**
 * Volumes of pods that name no class: gp3, encrypted with the platform's key, in the zone of the pod that claims them.
 * What a claim held outlives it; whoever no longer needs it deletes the volume.
 */
export class DefaultStorageClass extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { keyArn }: DefaultStorageClassProps) {
    super(scope, id);
    const storageClass = new StorageClassV1(this, "Resource", {
      metadata: {
        name: STORAGE_CLASS,
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      storageProvisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true", kmsKeyId: keyArn, "csi.storage.k8s.io/fstype": "ext4" },
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Retain",
      allowVolumeExpansion: true,
    });
    this.name = storageClass.metadata.name;
  }
}
