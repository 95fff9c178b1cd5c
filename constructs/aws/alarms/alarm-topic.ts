import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { EncryptionKey } from "../encryption/encryption-key";
import { policyDocument } from "../iam/policy-document";
import type { Account } from "../../../config/account";
import type { Protection } from "../../support/protection";

export interface AlarmTopicProps {
  readonly name: string;
  /** Mail addresses; each confirms its subscription once. */
  readonly emails: readonly string[];
  /** HTTPS endpoints of a paging service. */
  readonly endpoints: readonly string[];
  readonly account: Account;
  readonly protection: Protection;
}

/** Services that publish by themselves: CloudWatch its alarms, RDS its events. */
const PUBLISHERS = ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"];

/** Where everything goes that an operator should be woken by. */
export class AlarmTopic extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    const { account } = props;
    const key = new EncryptionKey(this, "Key", {
      alias: props.name,
      description: "Alarms on their way to the operators",
      account,
      services: PUBLISHERS,
      protection: props.protection,
    });
    const topic = new SnsTopic(this, "Resource", {
      name: props.name,
      displayName: props.name,
      kmsMasterKeyId: key.arn,
    });
    new SnsTopicPolicy(this, "Policy", {
      arn: topic.arn,
      policy: policyDocument([
        {
          sid: "Publishers",
          principals: { Service: PUBLISHERS },
          actions: ["sns:Publish"],
          resources: [topic.arn],
          conditions: { StringEquals: { "aws:SourceAccount": [account.accountId] } },
        },
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: "*",
          actions: ["sns:Publish"],
          resources: [topic.arn],
          conditions: { Bool: { "aws:SecureTransport": ["false"] } },
        },
      ]),
    });
    for (const address of props.emails) this.subscribe(topic, "email", address);
    for (const address of props.endpoints) this.subscribe(topic, "https", address);
    this.arn = topic.arn;
  }

  private subscribe(topic: SnsTopic, protocol: "email" | "https", endpoint: string): void {
    new SnsTopicSubscription(this, `${protocol}-${endpoint.replace(/[^A-Za-z0-9]+/g, "-")}`, {
      topicArn: topic.arn,
      protocol,
      endpoint,
    });
  }
}
