import type { Rule } from "../rule";
import { dataPreventsDestroy } from "./bist-1-data-prevents-destroy";
import { providerTagsEverything } from "./bist-2-provider-tags-everything";
import { subscriptionsUseTls } from "./bist-3-subscriptions-use-tls";
import { probesDiffer } from "./bist-4-probes-differ";
import { podsSpreadOverZones } from "./bist-5-pods-spread-over-zones";
import { podsSurviveDrains } from "./bist-6-pods-survive-drains";
import { noSecretInPlainSight } from "./bist-7-no-secret-in-plain-sight";
import { namespaceRestrictsPods } from "./bist-8-namespace-restricts-pods";
import { namespaceDeniesTraffic } from "./bist-9-namespace-denies-traffic";
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
import { containerCpuRequests } from "./ckv-k8s-10-container-cpu-requests";
import { containerCpuLimits } from "./ckv-k8s-11-container-cpu-limits";
import { containerMemoryLimits } from "./ckv-k8s-12-container-memory-limits";
import { containerMemoryRequests } from "./ckv-k8s-13-container-memory-requests";
import { imageTagFixed } from "./ckv-k8s-14-image-tag-fixed";
import { containerNotPrivileged } from "./ckv-k8s-16-container-not-privileged";
import { podKeepsItsOwnProcesses } from "./ckv-k8s-17-pod-keeps-its-own-processes";
import { podKeepsItsOwnIpc } from "./ckv-k8s-18-pod-keeps-its-own-ipc";
import { podKeepsItsOwnNetwork } from "./ckv-k8s-19-pod-keeps-its-own-network";
import { containerGainsNoRights } from "./ckv-k8s-20-container-gains-no-rights";
import { workloadHasANamespace } from "./ckv-k8s-21-workload-has-a-namespace";
import { containerRootReadOnly } from "./ckv-k8s-22-container-root-read-only";
import { containerNotRoot } from "./ckv-k8s-23-container-not-root";
import { containerTakesNoPortOfItsNode } from "./ckv-k8s-26-container-takes-no-port-of-its-node";
import { podMountsNothingOfItsNode } from "./ckv-k8s-27-pod-mounts-nothing-of-its-node";
import { containerDropsCapabilities } from "./ckv-k8s-28-container-drops-capabilities";
import { containerSystemCallsFiltered } from "./ckv-k8s-31-container-system-calls-filtered";
import { secretsAreFiles } from "./ckv-k8s-35-secrets-are-files";
import { podMountsNoToken } from "./ckv-k8s-38-pod-mounts-no-token";
import { containerUserIsNobodyOfTheNode } from "./ckv-k8s-40-container-user-is-nobody-of-the-node";
import { podHasAServiceAccount } from "./ckv-k8s-41-pod-has-a-service-account";
import { noWildcardInRoles } from "./ckv-k8s-49-no-wildcard-in-roles";
import { deploymentLivenessProbed } from "./ckv-k8s-8-deployment-liveness-probed";
import { deploymentReadinessProbed } from "./ckv-k8s-9-deployment-readiness-probed";
import { vpcFlowLogged } from "./ckv2-aws-11-vpc-flow-logged";
import { defaultSecurityGroupClosed } from "./ckv2-aws-12-default-security-group-closed";
import { webAclLogged } from "./ckv2-aws-31-web-acl-logged";
import { cacheFailsOver } from "./ckv2-aws-50-cache-fails-over";
import { bucketNotPublic } from "./ckv2-aws-6-bucket-not-public";
import { databaseForcesTls } from "./ckv2-aws-69-database-forces-tls";
import { podHasANetworkPolicy } from "./ckv2-k8s-6-pod-has-a-network-policy";

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
  deploymentLivenessProbed,
  deploymentReadinessProbed,
  containerCpuRequests,
  containerCpuLimits,
  containerMemoryLimits,
  containerMemoryRequests,
  imageTagFixed,
  containerNotPrivileged,
  podKeepsItsOwnProcesses,
  podKeepsItsOwnIpc,
  podKeepsItsOwnNetwork,
  containerGainsNoRights,
  workloadHasANamespace,
  containerRootReadOnly,
  containerNotRoot,
  containerTakesNoPortOfItsNode,
  podMountsNothingOfItsNode,
  containerDropsCapabilities,
  containerSystemCallsFiltered,
  secretsAreFiles,
  podMountsNoToken,
  containerUserIsNobodyOfTheNode,
  podHasAServiceAccount,
  probesDiffer,
  podsSpreadOverZones,
  podsSurviveDrains,
  noSecretInPlainSight,
  podHasANetworkPolicy,
  namespaceRestrictsPods,
  namespaceDeniesTraffic,
  noWildcardInRoles,
];
