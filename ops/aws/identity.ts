import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { STSClient } from "@aws-sdk/client-sts";
import type { Environment } from "../../config";
import { messageOf, refused } from "../core/outcome";

/**
 * ARN of the operator who runs the tool.
 *
 * @throws OperationError with `refused` without credentials, or with those of another account than the environment's
 */
export async function signedInAs(sts: STSClient, { name, aws }: Environment): Promise<string> {
  const { Account, Arn = "" } = await sts.send(new GetCallerIdentityCommand()).catch((error: unknown) => {
    const how = aws.emulator === undefined ? "sign in to the account first" : "start the local platform: npm start";
    throw refused(`AWS does not say who you are (${messageOf(error)}); ${how}`);
  });
  if (Account !== aws.accountId) {
    throw refused(`You are signed in to the account ${Account ?? "?"}, and ${name} is ${aws.accountId}: sign in there`);
  }
  return Arn;
}
