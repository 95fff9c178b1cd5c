import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Route53Zone } from "@cdktf/provider-aws/lib/route53-zone";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { rule } from "../rule";

type Stateful = BackupVault | DbInstance | EksCluster | ElasticacheReplicationGroup | KmsKey | Route53Zone | S3Bucket;

/** Terraform refuses to destroy what holds data, or cannot be made again as it was: keys, zones, clusters. BIST_1. */
export const dataPreventsDestroy = rule<Stateful>(
  [BackupVault, DbInstance, EksCluster, ElasticacheReplicationGroup, KmsKey, Route53Zone, S3Bucket],
  {
    id: "BIST_1",
    title: "Terraform refuses to destroy what holds data",
    complies: ({ lifecycle }) => lifecycle?.preventDestroy === true,
    remedy: "pass `protection: true`, or an opt-out with its reason",
    optOut: "prevent_destroy",
  },
);
