import { ACMClient, DescribeCertificateCommand, paginateListCertificates } from "@aws-sdk/client-acm";
import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { DescribeReplicationGroupsCommand, ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import type { Environment } from "../../config";
import type { ClientOptions } from "./clients";

export interface CertificateState {
  readonly issued: boolean;
  /** Undefined before it was issued. */
  readonly expires: Date | undefined;
}

/** What AWS says of the services that it runs for the platform. */
export class Condition {
  constructor(
    private readonly options: ClientOptions,
    private readonly environment: Environment,
  ) {}

  /** Status of the database, for example `available`. */
  async database(): Promise<string> {
    const DBInstanceIdentifier = this.environment.database.identifier;
    const { DBInstances } = await new RDSClient(this.options).send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier }),
    );
    return DBInstances?.[0]?.DBInstanceStatus ?? "not there";
  }

  /** Status of the cache, for example `available`. */
  async cache(): Promise<string> {
    const ReplicationGroupId = this.environment.cache.identifier;
    const { ReplicationGroups } = await new ElastiCacheClient(this.options).send(
      new DescribeReplicationGroupsCommand({ ReplicationGroupId }),
    );
    return ReplicationGroups?.[0]?.Status ?? "not there";
  }

  /** The load balancer's certificate; undefined where there is none for the API's host. */
  async certificate(): Promise<CertificateState | undefined> {
    const acm = new ACMClient(this.options);
    const { hosts } = this.environment.edge;
    for await (const { CertificateSummaryList = [] } of paginateListCertificates({ client: acm }, {})) {
      for (const { CertificateArn } of CertificateSummaryList) {
        const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
        const names = [Certificate?.DomainName, ...(Certificate?.SubjectAlternativeNames ?? [])];
        if (!names.includes(hosts.api)) continue;
        return { issued: Certificate?.Status === "ISSUED", expires: Certificate?.NotAfter };
      }
    }
    return undefined;
  }

  /** Names of the platform's alarms that ring. */
  async alarms(): Promise<readonly string[]> {
    const client = new CloudWatchClient(this.options);
    const wanted = { AlarmNamePrefix: this.environment.prefix, StateValue: "ALARM" } as const;
    const ringing: string[] = [];
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, wanted)) {
      ringing.push(...MetricAlarms.map(({ AlarmName = "" }) => AlarmName));
    }
    return ringing;
  }
}
