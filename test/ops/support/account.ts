import { CreateRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { environment } from "../../../config";
import { alarmTopicName, backupBucketName, stateBucketName } from "../../../config/names";
import { clientOptions } from "../../../ops/aws/clients";

/** What the stacks that are not applied here would bring: buckets of states and dumps, the repository, the topic. */
export async function prepareAccount(endpoint: string): Promise<void> {
  const local = environment("local");
  const options = clientOptions({ ...local, aws: { ...local.aws, emulator: endpoint } });
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  for (const Bucket of [stateBucketName(local), backupBucketName(local.prefix, local.aws)]) {
    await s3.send(new CreateBucketCommand({ Bucket }));
  }
  await new ECRClient(options).send(new CreateRepositoryCommand({ repositoryName: local.delivery.image.repository }));
  await new SNSClient(options).send(new CreateTopicCommand({ Name: alarmTopicName(local.prefix) }));
}
