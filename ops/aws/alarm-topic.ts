import { paginateListTopics, PublishCommand } from "@aws-sdk/client-sns";
import type { SNSClient } from "@aws-sdk/client-sns";
import { alarmTopicName } from "../../config/names";

/** Where operators are woken. */
export class AlarmTopic {
  constructor(
    private readonly client: SNSClient,
    private readonly prefix: string,
  ) {}

  async raise(subject: string, message: string): Promise<void> {
    await this.client.send(new PublishCommand({ TopicArn: await this.arn(), Subject: subject, Message: message }));
  }

  private async arn(): Promise<string> {
    const name = alarmTopicName(this.prefix);
    for await (const { Topics = [] } of paginateListTopics({ client: this.client }, {})) {
      const found = Topics.find(({ TopicArn }) => TopicArn?.endsWith(`:${name}`));
      if (found?.TopicArn !== undefined) return found.TopicArn;
    }
    throw new Error(`There is no topic ${name}: deploy the stack "data" first`);
  }
}
