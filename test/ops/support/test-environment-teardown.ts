import { openTestEnvironment } from "./test-environment";
import { endTestEnvironment } from "./test-environment-processes";

export default async function tearDown(): Promise<void> {
  if (process.env["OPS_TEST_ENVIRONMENT_FILE"] === undefined || process.env["OPS_TEST_ENVIRONMENT"] !== undefined)
    return;
  await endTestEnvironment(openTestEnvironment());
}
