import type { Environment } from "../config";
import type { ApplicationSecretFilesProps } from "../constructs/kubernetes/secrets/application-secret-files";
import type { ApplicationImageProps } from "../constructs/aws/image/application-image";
import { platformsOf } from "../constructs/aws/image/platforms";
import type { ApplicationNamespaceProps } from "../constructs/kubernetes/namespace/application-namespace";
import { quotaFor } from "../constructs/kubernetes/namespace/quota";
import type { ApplicationPoliciesProps } from "../constructs/kubernetes/network-policy/application-policies";
import { portOf } from "../constructs/kubernetes/network-policy/traffic";
import { placementOn } from "../constructs/kubernetes/workload/placement";
import type { DataOutputs } from "./data-stack";

/** What the parts of the application's stack take from its environment, and from the stacks before it. */

export const imageOf = ({ aws, cluster, delivery, trading }: Environment): ApplicationImageProps => ({
  built: trading.image,
  account: aws,
  repository: delivery.image.repository,
  platforms: platformsOf(cluster.nodeGroups),
});

export const namespaceOf = ({ name, trading }: Environment): ApplicationNamespaceProps => ({
  name: trading.namespace,
  environment: name,
  quota: quotaFor(Object.values(trading.services)),
});

export const trafficOf = (environment: Environment): Omit<ApplicationPoliciesProps, "namespace"> => ({
  ...environment.network,
  vpcCidr: environment.network.cidr,
  ports: {
    postgresql: environment.database.port,
    redis: environment.cache.port,
    broker: portOf(environment.trading.brokerUrl),
  },
});

export const secretsOf = (data: DataOutputs): Omit<ApplicationSecretFilesProps, "namespace" | "region"> => ({
  secrets: data.secrets,
  cache: data.cache.secretArn,
  databaseOwner: data.database.masterSecretArn,
});

/** Hosts that the services answer at: that of the monitoring is not theirs. */
export function servedHosts({ edge }: Environment): readonly string[] {
  const { api, userManagement, marketData, brokerIntegration } = edge.hosts;
  return [api, userManagement, marketData, brokerIntegration];
}

/** What every pod of the application has. */
export const podOf = ({ cluster }: Environment) => ({
  ...placementOn(cluster.nodeGroups.application),
  scratch: { logs: "/app/logs", tmp: "/tmp" },
});
