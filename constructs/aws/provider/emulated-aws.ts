import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AwsProviderConfig } from "@cdktf/provider-aws/lib/provider";
import { AssetType, TerraformAsset } from "cdktf";
import type { Construct } from "constructs";
import { projectRoot } from "../../../lib/paths";

const FILE = join(projectRoot, "constructs", "aws", "provider", "emulator.config");

/**
 * Points the provider at an AWS emulator, for every service at once. AWS_ENDPOINT_URL in Terraform's environment leads
 * to another one, so that a second emulator can serve a test without another synthesis.
 *
 * The address is in a file of AWS's own format and not in the provider's `endpoints`: with that block the provider
 * takes four seconds of processor time more for each of the two times that a plan starts it (ADR 155).
 *
 * @param endpoint address that the file has to name
 * @throws Error when it names another
 */
export function emulatedAws(scope: Construct, endpoint: string, accountId: string): Partial<AwsProviderConfig> {
  if (!readFileSync(FILE, "utf8").split("\n").includes(`endpoint_url = ${endpoint}`)) {
    throw new Error(`${FILE} does not name the emulator's address ${endpoint}`);
  }
  const id = "Emulator";
  const file =
    (scope.node.tryFindChild(id) as TerraformAsset | undefined) ??
    new TerraformAsset(scope, id, { path: FILE, type: AssetType.FILE });
  return {
    // The emulator takes a 12-digit access key as the account.
    accessKey: accountId,
    secretKey: "emulator",
    sharedConfigFiles: [file.path],
    profile: "emulator",
    s3UsePathStyle: true,
    skipCredentialsValidation: true,
    skipMetadataApiCheck: "true",
    skipRegionValidation: true,
  };
}
