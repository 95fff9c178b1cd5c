import type { App } from "cdktf";
import { services } from "../app/packages/contract/services";
import type { ServiceKey } from "../app/packages/contract/services";
import type { Environment } from "../config";
import { ServiceCertificate } from "../constructs/kubernetes/certificates/service-certificate";
import { ApplicationSecretFiles } from "../constructs/kubernetes/secrets/application-secret-files";
import { ApplicationImage } from "../constructs/aws/image/application-image";
import { platformsOf } from "../constructs/aws/image/platforms";
import { ApplicationNamespace } from "../constructs/kubernetes/namespace/application-namespace";
import { quotaFor } from "../constructs/kubernetes/namespace/quota";
import { ApplicationPolicies } from "../constructs/kubernetes/network-policy/application-policies";
import { ApplicationSettings } from "../constructs/kubernetes/settings/application-settings";
import { TrustedProxies } from "../constructs/kubernetes/settings/trusted-proxies";
import { pascalCase } from "../constructs/support/pascal-case";
import { BlueGreenService } from "../constructs/kubernetes/workload/blue-green-service";
import { DatabaseJobs } from "../constructs/kubernetes/workload/database-jobs";
import { TimeSeriesDatabase } from "../constructs/kubernetes/time-series/time-series-database";
import { TimeSeriesJobs } from "../constructs/kubernetes/workload/time-series-jobs";
import { placementOn } from "../constructs/kubernetes/workload/placement";
import type { PodProps } from "../constructs/kubernetes/workload/pod";
import { CurrentRelease } from "../constructs/kubernetes/workload/release";
import type { ClusterOutputs } from "./cluster-stack";
import type { DataOutputs } from "./data-stack";
import type { EdgeOutputs } from "./edge-stack";
import { KubernetesStack } from "./kubernetes-stack";

interface TradingUpstream {
  readonly cluster: ClusterOutputs;
  readonly data: DataOutputs;
  readonly edge: EdgeOutputs;
}

/** The trading application: what it runs with, what prepares its database, and its three services in two colours. */
export class TradingStack extends KubernetesStack {
  /** Where it runs, and the image of the sources that were deployed last; a release takes it, or another one, live. */
  readonly outputs: { readonly namespace: string; readonly image: string };

  constructor(app: App, environment: Environment, { cluster, data, edge }: TradingUpstream) {
    super(app, environment, "trading", cluster);
    const { aws, cluster: nodes, network, trading: config } = environment;
    const { api, userManagement, marketData, brokerIntegration } = environment.edge.hosts;
    const { nodeSelector, tolerations } = placementOn(nodes.nodeGroups.application);
    const scratch = { logs: "/app/logs", tmp: "/tmp" };

    const { reference: image } = new ApplicationImage(this, "Image", {
      built: config.image,
      account: aws,
      repository: environment.delivery.image.repository,
      platforms: platformsOf(nodes.nodeGroups),
    });
    const { name: namespace, serviceAccount } = new ApplicationNamespace(this, "Namespace", {
      name: config.namespace,
      environment: environment.name,
      quota: quotaFor(Object.values(config.services), environment.timeSeries),
    });
    new ApplicationPolicies(this, "NetworkPolicies", {
      namespace,
      vpcCidr: network.cidr,
      publicSubnets: network.publicSubnets,
      databaseSubnets: network.databaseSubnets,
      kubernetesApi: [...network.privateSubnets, nodes.serviceCidr],
      timeSeries: environment.timeSeries,
      ports: {
        postgresql: environment.database.port,
        redis: environment.cache.port,
      },
      brokerUrl: config.brokerUrl,
      brokerProxy: config.brokerProxy,
    });
    const secrets = new ApplicationSecretFiles(this, "Secrets", {
      namespace,
      region: aws.region,
      secrets: data.secrets,
      cache: data.cache.secretArn,
      databaseOwner: data.database.masterSecretArn,
      timeSeries: environment.timeSeries,
      brokerProxy: config.brokerProxy,
    });
    const databaseNodes = placementOn(nodes.nodeGroups.database);
    const { server: timeSeries } = new TimeSeriesDatabase(this, "TimeSeries", {
      settings: environment.timeSeries,
      namespace,
      region: aws.region,
      database: environment.database.name,
      owner: environment.database.masterUsername,
      ownerSecret: data.secrets.timeSeriesOwner,
      backupBucket: data.backupBucket,
      nodeSelector: databaseNodes.nodeSelector,
      tolerations: databaseNodes.tolerations,
      protection: environment.protectData,
      after: [secrets.ready],
    });
    const certificate = new ServiceCertificate(this, "Certificate", {
      namespace,
      // That of the monitoring is not the services'.
      hosts: [api, userManagement, marketData, brokerIntegration],
      issuer: config.certificate.issuer,
      publiclyTrusted: config.certificate.publiclyTrusted,
    });
    const { networks: trustedProxies } = new TrustedProxies(this, "TrustedProxies", {
      publicSubnets: network.publicSubnets,
      cloudFront: environment.edge.cloudFront,
    });
    const { configMap, revision } = new ApplicationSettings(this, "Settings", {
      namespace,
      region: aws.region,
      database: data.database,
      databasePool: config.databasePool,
      timeSeries,
      cache: data.cache,
      plaintextConnections: config.plaintextConnections,
      brokerUrl: config.brokerUrl,
      calendarChanges: config.calendarChanges,
      brokerProxy: config.brokerProxy,
      trustedProxies,
      allowedOrigins: config.allowedOrigins,
      keysAt: userManagement,
    });

    const jobs = new DatabaseJobs(this, "DatabaseJobs", {
      namespace,
      pod: { serviceAccount, configMap, nodeSelector, tolerations, scratch, secrets: secrets.of("databaseJobs") },
      image,
      maintenanceSchedule: config.maintenanceSchedule,
      dumpSchedule: config.dumpSchedule,
      dumpRetentionDays: environment.backups.dumpRetentionDays,
      backupBucket: data.backupBucket,
      region: aws.region,
      reach: this.reach,
      after: [secrets.ready],
    });
    const timeSeriesJobs = new TimeSeriesJobs(this, "TimeSeriesJobs", {
      namespace,
      pod: { serviceAccount, configMap, nodeSelector, tolerations, scratch },
      server: timeSeries,
      secrets: () => secrets.of("timeSeriesJobs"),
      image,
      maintenanceSchedule: config.maintenanceSchedule,
      reach: this.reach,
      after: [secrets.ready],
    });
    const release = new CurrentRelease(this, "Release", edge.releaseParameter);
    const serve = (
      key: ServiceKey,
      { hosts, timeSeriesAuthority }: Pick<PodProps, "hosts" | "timeSeriesAuthority"> = {},
    ) =>
      new BlueGreenService(this, pascalCase(key), {
        contract: services[key],
        namespace,
        release,
        firstImage: image,
        pod: {
          serviceAccount,
          configMap,
          nodeSelector,
          tolerations,
          scratch,
          secrets: secrets.of(key),
          certificate: certificate.shown,
          hosts,
          timeSeriesAuthority,
        },
        settings: config.services[key],
        revision,
        targetGroups: edge.targetGroups[key],
        after: [jobs.bootstrapped, ...timeSeriesJobs.bootstrapped, certificate.ready],
      });
    const users = serve("userManagement");
    // Its keys are asked for inside of the cluster, by the host that its certificate names.
    const hosts = { [userManagement]: users.address };
    serve("marketData", { hosts, timeSeriesAuthority: timeSeries?.authoritySecret });
    serve("brokerIntegration", { hosts });

    this.outputs = this.share({ namespace: config.namespace, image });
  }
}
