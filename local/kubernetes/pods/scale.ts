import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { serviceKeys, services } from "../../../app/packages/contract/services";
import type { Environment } from "../../../config";
import { formatReleaseState, parseReleaseState } from "../../../config/schema/release-state";
import { releaseParameterName } from "../../../config/names";

const one = Object.fromEntries(serviceKeys.map((key) => [services[key].name, 1]));

/** Has the release say one pod for each service, unless an operator has said another number. */
export async function scaleToOne(endpoint: string, { aws, prefix }: Environment): Promise<void> {
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: "none" };
  const client = new SSMClient({ endpoint, region: aws.region, credentials });
  const Name = releaseParameterName(prefix);
  try {
    const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name }));
    const state = parseReleaseState(parameter?.Value ?? "");
    if (state.replicas !== undefined) return;
    const Value = formatReleaseState({ ...state, replicas: one });
    await client.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }));
  } finally {
    client.destroy();
  }
}
