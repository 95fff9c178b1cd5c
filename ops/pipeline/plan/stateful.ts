/**
 * Types of resource that hold what cannot be made again as it was, and what is lost with one: the table of
 * docs/stateful-resources.md. Their destruction and replacement is the first that a reviewer reads.
 */
export const stateful: Readonly<Record<string, string>> = {
  aws_backup_vault: "recovery points",
  aws_cloudwatch_log_group: "logs",
  aws_db_instance: "users, orders and ticks",
  aws_ebs_volume: "what a volume holds",
  aws_ecr_repository: "released images",
  aws_efs_file_system: "files",
  aws_eks_cluster: "everything that runs in the cluster",
  aws_elasticache_replication_group: "caches and counters",
  aws_kms_key: "whatever is encrypted with it",
  aws_route53_zone: "host names; the registrar points at the old name servers",
  aws_s3_bucket: "objects",
  aws_secretsmanager_secret: "a password or key that others use",
  aws_secretsmanager_secret_version: "a password or key that others use",
  aws_ssm_parameter: "which colour is live",
  kubernetes_namespace: "everything in the namespace",
  kubernetes_persistent_volume_claim: "what a volume holds",
};
