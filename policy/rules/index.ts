import type { Rule } from "../rule";
import { dataPreventsDestroy } from "./bist-1-data-prevents-destroy";
import { providerTagsEverything } from "./bist-2-provider-tags-everything";
import { subscriptionsUseTls } from "./bist-3-subscriptions-use-tls";
import { listenerTlsPolicyModern } from "./ckv-aws-103-listener-tls-policy-modern";
import { databaseMonitored } from "./ckv-aws-118-database-monitored";
import { databaseLogsExported } from "./ckv-aws-129-database-logs-exported";
import { subnetGivesNoPublicAddress } from "./ckv-aws-130-subnet-gives-no-public-address";
import { loadBalancerDropsInvalidHeaders } from "./ckv-aws-131-load-balancer-drops-invalid-headers";
import { databaseBackedUp } from "./ckv-aws-133-database-backed-up";
import { cacheBackedUp } from "./ckv-aws-134-cache-backed-up";
import { repositoryEncrypted } from "./ckv-aws-136-repository-encrypted";
import { bucketEncryptedWithOwnKey } from "./ckv-aws-145-bucket-encrypted-with-own-key";
import { secretEncryptedWithOwnKey } from "./ckv-aws-149-secret-encrypted-with-own-key";
import { loadBalancerDeletionProtected } from "./ckv-aws-150-load-balancer-deletion-protected";
import { databaseMultiAz } from "./ckv-aws-157-database-multi-az";
import { logGroupEncrypted } from "./ckv-aws-158-log-group-encrypted";
import { databaseStorageEncrypted } from "./ckv-aws-16-database-storage-encrypted";
import { repositoryScanned } from "./ckv-aws-163-repository-scanned";
import { backupVaultEncrypted } from "./ckv-aws-166-backup-vault-encrypted";
import { databaseNotPublic } from "./ckv-aws-17-database-not-public";
import { distributionTlsPolicyModern } from "./ckv-aws-174-distribution-tls-policy-modern";
import { bucketLogged } from "./ckv-aws-18-bucket-logged";
import { listenerHttpRedirects } from "./ckv-aws-2-listener-http-redirects";
import { bucketVersioned } from "./ckv-aws-21-bucket-versioned";
import { topicEncrypted } from "./ckv-aws-26-topic-encrypted";
import { internetReachesLoadBalancerOnly } from "./ckv-aws-277-internet-reaches-load-balancer-only";
import { cacheEncryptedAtRest } from "./ckv-aws-29-cache-encrypted-at-rest";
import { databaseDeletionProtected } from "./ckv-aws-293-database-deletion-protected";
import { cacheEncryptedInTransit } from "./ckv-aws-30-cache-encrypted-in-transit";
import { cacheAuthenticated } from "./ckv-aws-31-cache-authenticated";
import { nodeMetadataStaysOnNode } from "./ckv-aws-341-node-metadata-stays-on-node";
import { noWildcardRights } from "./ckv-aws-355-no-wildcard-rights";
import { clusterControlPlaneLogged } from "./ckv-aws-37-cluster-control-plane-logged";
import { bucketTlsOnly } from "./ckv-aws-379-bucket-tls-only";
import { clusterEndpointNotOpen } from "./ckv-aws-38-cluster-endpoint-not-open";
import { repositoryTagsImmutable } from "./ckv-aws-51-repository-tags-immutable";
import { clusterSecretsEncrypted } from "./ckv-aws-58-cluster-secrets-encrypted";
import { logGroupForgets } from "./ckv-aws-66-log-group-forgets";
import { keyRotates } from "./ckv-aws-7-key-rotates";
import { nodeMetadataNeedsToken } from "./ckv-aws-79-node-metadata-needs-token";
import { nodeDisksEncrypted } from "./ckv-aws-8-node-disks-encrypted";
import { loadBalancerLogged } from "./ckv-aws-91-load-balancer-logged";
import { vpcFlowLogged } from "./ckv2-aws-11-vpc-flow-logged";
import { defaultSecurityGroupClosed } from "./ckv2-aws-12-default-security-group-closed";
import { webAclLogged } from "./ckv2-aws-31-web-acl-logged";
import { cacheFailsOver } from "./ckv2-aws-50-cache-fails-over";
import { bucketNotPublic } from "./ckv2-aws-6-bucket-not-public";
import { databaseForcesTls } from "./ckv2-aws-69-database-forces-tls";

/** Every security rule, as docs/policy.md lists them. */
export const rules: readonly Rule[] = [
  listenerHttpRedirects,
  keyRotates,
  nodeDisksEncrypted,
  databaseStorageEncrypted,
  databaseNotPublic,
  bucketLogged,
  bucketVersioned,
  topicEncrypted,
  cacheEncryptedAtRest,
  cacheEncryptedInTransit,
  cacheAuthenticated,
  clusterControlPlaneLogged,
  clusterEndpointNotOpen,
  repositoryTagsImmutable,
  clusterSecretsEncrypted,
  logGroupForgets,
  nodeMetadataNeedsToken,
  loadBalancerLogged,
  listenerTlsPolicyModern,
  databaseMonitored,
  databaseLogsExported,
  subnetGivesNoPublicAddress,
  loadBalancerDropsInvalidHeaders,
  databaseBackedUp,
  cacheBackedUp,
  repositoryEncrypted,
  bucketEncryptedWithOwnKey,
  secretEncryptedWithOwnKey,
  loadBalancerDeletionProtected,
  databaseMultiAz,
  logGroupEncrypted,
  repositoryScanned,
  backupVaultEncrypted,
  distributionTlsPolicyModern,
  internetReachesLoadBalancerOnly,
  databaseDeletionProtected,
  nodeMetadataStaysOnNode,
  noWildcardRights,
  bucketTlsOnly,
  dataPreventsDestroy,
  providerTagsEverything,
  subscriptionsUseTls,
  bucketNotPublic,
  vpcFlowLogged,
  defaultSecurityGroupClosed,
  webAclLogged,
  cacheFailsOver,
  databaseForcesTls,
];
