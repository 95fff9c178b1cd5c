import type { App } from "cdktf";
import { services } from "../app/packages/contract/services";
import type { ServiceKey } from "../app/packages/contract/services";
import type { Environment } from "../config";
import { ServiceCertificate } from "../constructs/kubernetes/certificates/service-certificate";
import { ApplicationSecretFiles } from "../constructs/kubernetes/secrets/application-secret-files";
import { ApplicationImage } from "../constructs/aws/image/application-image";
import { ApplicationNamespace } from "../constructs/kubernetes/namespace/application-namespace";
import { ApplicationPolicies } from "../constructs/kubernetes/network-policy/application-policies";
import { ApplicationSettings } from "../constructs/kubernetes/settings/application-settings";
import { TrustedProxies } from "../constructs/kubernetes/settings/trusted-proxies";
import { pascalCase } from "../constructs/support/pascal-case";
import { BlueGreenService } from "../constructs/kubernetes/workload/blue-green-service";
import { DatabaseJobs } from "../constructs/kubernetes/workload/database-jobs";
import { CurrentRelease } from "../constructs/kubernetes/workload/release";
import type { ClusterOutputs } from "./cluster-stack";
import type { DataOutputs } from "./data-stack";
import type { EdgeOutputs } from "./edge-stack";
import { KubernetesStack } from "./kubernetes-stack";
import { imageOf, namespaceOf, podOf, secretsOf, servedHosts, trafficOf } from "./trading-inputs";

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
    const { trading: config, network, backups } = environment;
    const { region } = environment.aws;
    const { userManagement: keysAt } = environment.edge.hosts;

    const { reference: image } = new ApplicationImage(this, "Image", imageOf(environment));
    const { name: namespace, serviceAccount } = new ApplicationNamespace(this, "Namespace", namespaceOf(environment));
    new ApplicationPolicies(this, "NetworkPolicies", { ...trafficOf(environment), namespace });
    const secrets = new ApplicationSecretFiles(this, "Secrets", { ...secretsOf(data), namespace, region });
    const hosts = servedHosts(environment);
    const certificate = new ServiceCertificate(this, "Certificate", { ...config.certificate, namespace, hosts });
    const { networks: trustedProxies } = new TrustedProxies(this, "TrustedProxies", {
      ...network,
      ...environment.edge,
    });
    const settings = { ...config, ...data, namespace, region, trustedProxies, keysAt };
    const { configMap, revision } = new ApplicationSettings(this, "Settings", settings);

    const pod = { ...podOf(environment), serviceAccount, configMap };
    const jobs = new DatabaseJobs(this, "DatabaseJobs", {
      ...{ ...config, ...backups, namespace, region, image },
      backupBucket: data.backupBucket,
      pod: { ...pod, secrets: secrets.of("databaseJobs") },
      reach: this.reach,
      after: [secrets.ready],
    });
    const release = new CurrentRelease(this, "Release", edge.releaseParameter);
    const serve = (key: ServiceKey, known: Readonly<Record<string, string>> = {}) =>
      new BlueGreenService(this, pascalCase(key), {
        ...{ ...config.services[key], namespace, release, revision },
        contract: services[key],
        firstImage: image,
        pod: { ...pod, secrets: secrets.of(key), certificate: certificate.shown, hosts: known },
        targetGroups: edge.targetGroups[key],
        after: [jobs.bootstrapped, certificate.ready],
      });
    const users = serve("userManagement");
    // Its keys are asked for inside of the cluster, by the host that its certificate names.
    serve("marketData", { [keysAt]: users.address });
    serve("brokerIntegration", { [keysAt]: users.address });

    this.outputs = this.share({ namespace: config.namespace, image });
  }
}
