import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { ECRClient } from "@aws-sdk/client-ecr";
import { EKSClient } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { RDSClient } from "@aws-sdk/client-rds";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import type { ServiceKey } from "../app/packages/contract/services";
import type { Environment } from "../config";
import { backupBucketName } from "../config/names";
import { AlarmTopic } from "./aws/alarm-topic";
import { clientOptions } from "./aws/clients";
import { Condition } from "./aws/condition";
import { signedInAs } from "./aws/identity";
import { LoadBalancer } from "./aws/load-balancer";
import { NodeGroups } from "./aws/node-groups";
import { Registry } from "./aws/registry";
import { ReleaseParameter } from "./aws/release-parameter";
import { TargetGroups } from "./aws/target-groups";
import { LoadBalancerTraffic } from "./aws/traffic";
import type { Traffic } from "./aws/traffic";
import { askPods, askPodsOrProcess } from "./health/market-data";
import type { AskMarketData } from "./health/market-data";
import { ApiCluster } from "./kubernetes/api-cluster";
import { ApiObjects } from "./kubernetes/api-objects";
import type { Cluster } from "./kubernetes/cluster";
import { connection } from "./kubernetes/connect";
import { NamespaceApi } from "./kubernetes/namespace-api";
import { ClusterJobs } from "./recovery/database-jobs";
import type { DatabaseJobs } from "./recovery/database-jobs";
import { Dumps } from "./recovery/dumps";
import { Instances } from "./recovery/instances";
import { localVariables } from "./recovery/local-database";
import { ProcessJobs } from "./recovery/process-jobs";
import { CacheUser } from "./secrets/cache-user";
import { SecretVersions } from "./secrets/secret-versions";
import { SmokeAccount } from "./smoke/account";
import { publicAddress, Visitor } from "./smoke/visitor";
import { TimeSeriesServer } from "./time-series/server";

/** An environment as it runs: everything that a command looks at or changes. */
export interface Platform {
  /** ARN of the operator who runs the tool. @throws OperationError with `refused` */
  readonly operator: () => Promise<string>;
  readonly release: ReleaseParameter;
  readonly loadBalancer: LoadBalancer;
  readonly targetGroups: TargetGroups;
  readonly traffic: Traffic;
  readonly registry: Registry;
  readonly cluster: Cluster;
  readonly askMarketData: AskMarketData;
  readonly alarm: AlarmTopic;
  readonly condition: Condition;
  readonly nodeGroups: NodeGroups;
  /** Where commands run that work on the database. */
  readonly databaseJobs: DatabaseJobs;
  readonly dumps: Dumps;
  readonly instances: Instances;
  /** Undefined where the time series are in the database on RDS. */
  readonly timeSeries: TimeSeriesServer | undefined;
  readonly secrets: SecretVersions;
  readonly cacheUser: CacheUser;
  readonly visitor: Visitor;
  readonly smokeAccount: SmokeAccount;
  /** Whether the load balancer forwards requests to pods: an emulator of AWS has none to forward. */
  readonly forwards: boolean;
}

export interface PlatformOptions {
  /** The project's folder, below which the environment may name files. */
  readonly root: string;
  /** Address of each service. @default its public host */
  readonly visited?: (service: ServiceKey) => string;
}

export function platformOf(environment: Environment, { root, visited }: PlatformOptions): Platform {
  const options = clientOptions(environment);
  const { aws, cluster, edge, prefix, timeSeries, trading } = environment;
  const eks = new EKSClient(options);
  const balancing = new ElasticLoadBalancingV2Client(options);
  const targetGroups = new TargetGroups(balancing, prefix);
  const loadBalancer = new LoadBalancer(balancing, prefix, targetGroups);
  const connect = connection(environment, eks, root);
  const kubernetes = new ApiCluster(connect, trading.namespace);
  const objects = new ApiObjects(new NamespaceApi(connect, trading.namespace));
  const s3 = new S3Client({ ...options, forcePathStyle: aws.emulator !== undefined });
  return {
    operator: () => signedInAs(new STSClient(options), environment),
    release: new ReleaseParameter(new SSMClient(options), prefix),
    loadBalancer,
    targetGroups,
    traffic: new LoadBalancerTraffic(new CloudWatchClient(options), loadBalancer, targetGroups),
    registry: new Registry(new ECRClient(options), environment),
    cluster: kubernetes,
    askMarketData: visited === undefined ? askPods(kubernetes) : askPodsOrProcess(kubernetes, visited("marketData")),
    databaseJobs:
      aws.emulator === undefined
        ? new ClusterJobs(kubernetes)
        : new ProcessJobs(root, () => localVariables(environment, root)),
    dumps: new Dumps(s3, backupBucketName(prefix, aws)),
    secrets: new SecretVersions(new SecretsManagerClient(options), prefix),
    cacheUser: new CacheUser(new ElastiCacheClient(options), `${environment.cache.identifier}-app`),
    instances: new Instances(new RDSClient(options)),
    timeSeries:
      timeSeries.in === "timescaledb"
        ? new TimeSeriesServer(objects, { namespace: trading.namespace, declared: timeSeries.cluster })
        : undefined,
    condition: new Condition(options, environment),
    nodeGroups: new NodeGroups(eks, cluster.name),
    alarm: new AlarmTopic(new SNSClient(options), prefix),
    visitor: new Visitor(visited ?? publicAddress(environment)),
    smokeAccount: new SmokeAccount(new SecretsManagerClient(options), prefix, edge.domain),
    forwards: aws.emulator === undefined,
  };
}
