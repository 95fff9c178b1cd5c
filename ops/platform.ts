import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { ECRClient } from "@aws-sdk/client-ecr";
import { EKSClient } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import type { ServiceKey } from "../app/packages/contract/services";
import type { Environment } from "../config";
import { stateBucketName } from "../constructs/platform/names";
import { AlarmTopic } from "./aws/alarm-topic";
import { clientOptions } from "./aws/clients";
import { Condition } from "./aws/condition";
import { signedInAs } from "./aws/identity";
import { LoadBalancer } from "./aws/load-balancer";
import { NodeGroups } from "./aws/node-groups";
import { Registry } from "./aws/registry";
import { ReleaseParameter } from "./aws/release-parameter";
import { S3Records } from "./aws/s3-records";
import { TargetGroups } from "./aws/target-groups";
import { LoadBalancerTraffic, type Traffic } from "./aws/traffic";
import type { Records } from "./core/records";
import { ApiCluster } from "./kubernetes/api-cluster";
import type { Cluster } from "./kubernetes/cluster";
import { connection } from "./kubernetes/connect";
import { SmokeAccount } from "./smoke/account";
import { publicAddress, Visitor } from "./smoke/visitor";

/** An environment as it runs: everything that a command looks at or changes. */
export interface Platform {
  /** Who runs the tool. @throws Ended with `refused` */
  readonly operator: () => Promise<string>;
  readonly release: ReleaseParameter;
  readonly loadBalancer: LoadBalancer;
  readonly targetGroups: TargetGroups;
  readonly traffic: Traffic;
  readonly registry: Registry;
  readonly cluster: Cluster;
  readonly alarm: AlarmTopic;
  readonly condition: Condition;
  readonly nodeGroups: NodeGroups;
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
  const { aws, cluster, edge, prefix, trading } = environment;
  const eks = new EKSClient(options);
  const balancing = new ElasticLoadBalancingV2Client(options);
  const targetGroups = new TargetGroups(balancing, prefix);
  const loadBalancer = new LoadBalancer(balancing, prefix, targetGroups);
  return {
    operator: () => signedInAs(new STSClient(options), environment),
    release: new ReleaseParameter(new SSMClient(options), prefix),
    loadBalancer,
    targetGroups,
    traffic: new LoadBalancerTraffic(new CloudWatchClient(options), loadBalancer, targetGroups),
    registry: new Registry(new ECRClient(options), environment),
    cluster: new ApiCluster(connection(environment, eks, root), trading.namespace),
    condition: new Condition(options, environment),
    nodeGroups: new NodeGroups(eks, cluster.name),
    alarm: new AlarmTopic(new SNSClient(options), prefix),
    visitor: new Visitor(visited ?? publicAddress(environment)),
    smokeAccount: new SmokeAccount(new SecretsManagerClient(options), prefix, edge.domain),
    forwards: aws.emulator === undefined,
  };
}

/** Where operations on an environment are on record: beside the states of its stacks. */
export function recordsOf(environment: Environment): Records {
  return new S3Records(
    new S3Client({ ...clientOptions(environment), forcePathStyle: true }),
    stateBucketName(environment),
  );
}
