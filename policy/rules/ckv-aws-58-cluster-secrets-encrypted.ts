import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { rule } from "../rule";

/** Kubernetes Secrets are encrypted with a key of the platform. CKV_AWS_58. */
export const clusterSecretsEncrypted = rule(EksCluster, {
  id: "CKV_AWS_58",
  title: "Kubernetes Secrets are encrypted with a key of the platform",
  complies: (cluster) => cluster.encryptionConfigInput?.resources.includes("secrets") === true,
  remedy: "set `encryptionConfig` with resources `secrets`",
});
