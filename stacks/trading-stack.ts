import type { App } from "cdktf";
import { type ServiceKey, services } from "../app/packages/contract/services";
import type { Environment } from "../config";
import { ServiceCertificate } from "../constructs/certificate/service-certificate";
import { ApplicationSecretFiles } from "../constructs/external-secrets/application-secret-files";
import { ApplicationImage } from "../constructs/image/application-image";
import { platformsOf } from "../constructs/image/platforms";
import { ApplicationNamespace } from "../constructs/namespace/application-namespace";
import { quotaFor } from "../constructs/namespace/quota";
import { ApplicationPolicies } from "../constructs/network-policy/application-policies";
import { portOf } from "../constructs/network-policy/port-of";
import { ApplicationSettings } from "../constructs/settings/application-settings";
import { TrustedProxies } from "../constructs/settings/trusted-proxies";
import { pascalCase } from "../constructs/support/pascal-case";
import { BlueGreenService } from "../constructs/workload/blue-green-service";
import { DatabaseJobs } from "../constructs/workload/database-jobs";
import { placementOn } from "../constructs/workload/placement";
import { CurrentRelease } from "../constructs/workload/release";
import type { ClusterOutputs } from "./cluster-stack";
import type { DataOutputs } from "./data-stack";
import type { EdgeOutputs } from "./edge-stack";
import { KubernetesStack } from "./kubernetes-stack";

/** What a release needs to know of the application. */
export interface TradingOutputs {
  readonly namespace: string;
  /** Image of the sources that were deployed last; a release takes it, or another one, live. */
  readonly image: string;
}

/** What the stacks before it hand over. */
export interface TradingUpstream {
  readonly cluster: ClusterOutputs;
  readonly data: DataOutputs;
  readonly edge: EdgeOutputs;
}

/** The trading application: what it runs with, what prepares its database, and its three services in two colours. */
export class TradingStack extends KubernetesStack {
  readonly outputs: TradingOutputs;

  constructor(app: App, environment: Environment, { cluster, data, edge }: TradingUpstream) {
    super(app, environment, "trading", cluster);
    const { aws: account, network, trading: config } = environment;
    const { api, userManagement, marketData, brokerIntegration } = environment.edge.hosts;

    const image = new ApplicationImage(this, "Image", {
      built: config.image,
      account,
      repository: environment.delivery.image.repository,
      platforms: platformsOf(environment.cluster.nodeGroups),
    });
    const { name: namespace, serviceAccount } = new ApplicationNamespace(this, "Namespace", {
      name: config.namespace,
      environment: environment.name,
      quota: quotaFor(Object.values(config.services)),
    });
    new ApplicationPolicies(this, "NetworkPolicies", {
      namespace,
      vpcCidr: network.cidr,
      publicSubnets: network.publicSubnets,
      databaseSubnets: network.databaseSubnets,
      ports: { postgresql: environment.database.port, redis: environment.cache.port, broker: portOf(config.brokerUrl) },
    });
    const secrets = new ApplicationSecretFiles(this, "Secrets", {
      namespace,
      region: account.region,
      secrets: data.secrets,
      cache: data.cache.secretArn,
      databaseOwner: data.database.masterSecretArn,
    });
    const certificate = new ServiceCertificate(this, "Certificate", {
      ...config.certificate,
      namespace,
      hosts: [api, userManagement, marketData, brokerIntegration],
    });
    const settings = new ApplicationSettings(this, "Settings", {
      ...config,
      namespace,
      region: account.region,
      database: data.database,
      cache: data.cache,
      trustedProxies: new TrustedProxies(this, "TrustedProxies", { ...network, ...environment.edge }).networks,
      keysAt: userManagement,
    });

    const pod = {
      ...placementOn(environment.cluster.nodeGroups.application),
      serviceAccount,
      configMap: settings.configMap,
      scratch: { logs: "/app/logs", tmp: "/tmp" },
    };
    const jobs = new DatabaseJobs(this, "DatabaseJobs", {
      ...config,
      ...environment.backups,
      namespace,
      region: account.region,
      backupBucket: data.backupBucket,
      image: image.reference,
      pod: { ...pod, secrets: secrets.of("databaseJobs") },
      reach: this.reach,
      after: [secrets.ready],
    });
    const release = new CurrentRelease(this, "Release", edge.releaseParameter);
    const serve = (key: ServiceKey, hosts: Readonly<Record<string, string>> = {}) =>
      new BlueGreenService(this, pascalCase(key), {
        ...config.services[key],
        contract: services[key],
        namespace,
        release,
        firstImage: image.reference,
        pod: { ...pod, secrets: secrets.of(key), certificate: certificate.shown, hosts },
        revision: settings.revision,
        targetGroups: edge.targetGroups[key],
        after: [jobs.bootstrapped, certificate.ready],
      });
    const users = serve("userManagement");
    // Its keys are asked for inside of the cluster, by the host that its certificate names.
    serve("marketData", { [userManagement]: users.address });
    serve("brokerIntegration", { [userManagement]: users.address });

    this.outputs = this.share({ namespace: config.namespace, image: image.reference });
  }
}
