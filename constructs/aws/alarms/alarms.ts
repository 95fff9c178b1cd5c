import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { DbEventSubscription } from "@cdktf/provider-aws/lib/db-event-subscription";
import { Construct } from "constructs";
import type { Account } from "../../../config/account";
import { alarmTopicName } from "../../../config/names";
import type { Protection } from "../../support/protection";
import type { Alarm } from "./alarm";
import { AlarmTopic } from "./alarm-topic";
import { backupAlarms } from "./backup-alarms";
import { cacheAlarms } from "./cache-alarms";
import type { WatchedCache } from "./cache-alarms";
import { databaseAlarms } from "./database-alarms";
import type { WatchedDatabase } from "./database-alarms";

export interface AlarmsProps {
  /** Starts the name of the topic and of every alarm. */
  readonly prefix: string;
  readonly emails: readonly string[];
  /** HTTPS endpoints of a paging service. */
  readonly endpoints: readonly string[];
  readonly database: WatchedDatabase;
  /** Connections to the database that all its clients open together at most. */
  readonly clientConnections: number;
  readonly cache: WatchedCache;
  readonly backups: { readonly vaultName: string };
  readonly account: Account;
  readonly protection: Protection;
}

/** What RDS tells by itself and no metric shows in time. */
const EVENTS = ["deletion", "failover", "failure", "low storage", "recovery"];

/** What the platform's operators are woken by, from the alarm tables of what is watched. */
export class Alarms extends Construct {
  readonly topicArn: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { prefix, database } = props;
    const topic = new AlarmTopic(this, "Topic", {
      name: alarmTopicName(prefix),
      emails: props.emails,
      endpoints: props.endpoints,
      account: props.account,
      protection: props.protection,
    });
    this.topicArn = topic.arn;
    for (const alarm of [
      ...databaseAlarms(database, props.clientConnections),
      ...cacheAlarms(props.cache),
      ...backupAlarms(props.backups.vaultName),
    ]) {
      this.raise(`${prefix}-${alarm.name}`, alarm);
    }
    new DbEventSubscription(this, "DatabaseEvents", {
      name: `${prefix}-database-events`,
      snsTopic: topic.arn,
      sourceType: "db-instance",
      sourceIds: [database.identifier, ...database.replicaIdentifiers],
      eventCategories: EVENTS,
    });
  }

  private raise(alarmName: string, alarm: Alarm): void {
    const { metric, periods = 5 } = alarm;
    new CloudwatchMetricAlarm(this, alarm.name, {
      alarmName,
      alarmDescription: alarm.description,
      namespace: metric.namespace,
      metricName: metric.name,
      dimensions: { ...metric.dimensions },
      statistic: metric.statistic,
      period: metric.periodSeconds ?? 60,
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      comparisonOperator: alarm.raisedWhen === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
      threshold: alarm.threshold,
      treatMissingData: alarm.silence === "raises" ? "breaching" : "notBreaching",
      alarmActions: [this.topicArn],
      okActions: [this.topicArn],
    });
  }
}
