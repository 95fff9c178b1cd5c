import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { Construct } from "constructs";
import type { Environment } from "../../../config";
import type { EncryptionKey } from "../encryption/encryption-key";
import { ServiceRole } from "../iam/service-role";
import { EncryptedLogGroup } from "../logs/log-group";
import type { Account } from "../../../config/account";
import { noteOptOut, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";

export interface ClusterProps extends Pick<
  Environment["cluster"],
  "name" | "kubernetesVersion" | "publicEndpointCidrs" | "serviceCidr" | "logRetentionDays"
> {
  readonly account: Account;
  /** Private subnets, in at least two zones. */
  readonly subnets: readonly string[];
  /** Encrypts Kubernetes Secrets in etcd. */
  readonly secretsKey: EncryptionKey;
  /** Encrypts the control plane's logs. */
  readonly logKey: EncryptionKey;
  readonly protection: Protection;
}

/**
 * The Kubernetes control plane. Nobody is its administrator by having created it: rights come from access entries only.
 * Its API is reached from inside the VPC, and from outside only by the networks that are named.
 */
export class Cluster extends Construct {
  /** Waits for the cluster, unlike the same name in the configuration. */
  readonly name: string;
  readonly version: string;
  readonly endpoint: string;
  /** PEM in base64. */
  readonly certificateAuthority: string;
  /** The group that EKS makes: control plane and nodes reach each other through it. */
  readonly securityGroup: string;
  readonly oidcProviderArn: string;

  constructor(scope: Construct, id: string, props: ClusterProps) {
    super(scope, id);
    const role = new ServiceRole(this, "Role", {
      name: `${props.name}-cluster`,
      description: `Control plane of the cluster ${props.name}`,
      service: "eks.amazonaws.com",
      actingFor: props.account,
      managedPolicies: ["AmazonEKSClusterPolicy"],
      statements: [
        {
          sid: "EncryptSecrets",
          actions: ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"],
          resources: [props.secretsKey.arn],
        },
      ],
    });
    const logs = new EncryptedLogGroup(this, "Logs", {
      name: `/aws/eks/${props.name}/cluster`,
      retentionDays: props.logRetentionDays,
      key: props.logKey,
    });
    const isPublic = props.publicEndpointCidrs.length > 0;
    const cluster = new EksCluster(this, "Resource", {
      name: props.name,
      roleArn: role.arn,
      version: props.kubernetesVersion,
      // The add-ons are declared, each with its settings.
      bootstrapSelfManagedAddons: false,
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      vpcConfig: {
        subnetIds: [...props.subnets],
        endpointPrivateAccess: true,
        endpointPublicAccess: isPublic,
        ...(isPublic && { publicAccessCidrs: [...props.publicEndpointCidrs] }),
      },
      encryptionConfig: { resources: ["secrets"], provider: { keyArn: props.secretsKey.arn } },
      kubernetesNetworkConfig: { serviceIpv4Cidr: props.serviceCidr, ipFamily: "ipv4" },
      upgradePolicy: { supportType: "STANDARD" },
      zonalShiftConfig: { enabled: true },
      dependsOn: [...role.grants, logs.resource],
    });
    protect(cluster, props.protection);
    if (isPublic) {
      noteOptOut(cluster, "CKV_AWS_39", {
        reason: `Administrators reach the API from ${props.publicEndpointCidrs.join(", ")}.`,
      });
    }
    const oidcProvider = new IamOpenidConnectProvider(this, "OidcProvider", {
      url: cluster.identity.get(0).oidc.get(0).issuer,
      clientIdList: ["sts.amazonaws.com"],
    });

    this.name = cluster.name;
    this.version = cluster.version;
    this.endpoint = cluster.endpoint;
    this.certificateAuthority = cluster.certificateAuthority.get(0).data;
    this.securityGroup = cluster.vpcConfig.clusterSecurityGroupId;
    this.oidcProviderArn = oidcProvider.arn;
  }
}
