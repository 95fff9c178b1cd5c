import type { AwsProviderConfig } from "@cdktf/provider-aws/lib/provider";
import { TerraformVariable } from "cdktf";
import type { Construct } from "constructs";

/** Every service that a stack calls; one that is missing here would call AWS itself. */
const services = [
  "acm",
  "backup",
  "cloudformation",
  "cloudfront",
  "cloudwatch",
  "ec2",
  "ecr",
  "eks",
  "elasticache",
  "elbv2",
  "iam",
  "kms",
  "logs",
  "rds",
  "route53",
  "s3",
  "s3Control",
  "secretsmanager",
  "sns",
  "ssm",
  "sts",
  "wafv2",
] as const;

/**
 * Points the provider at an AWS emulator. The address is a variable, so that a second emulator can serve a test
 * without another synthesis.
 */
export function emulatedAws(scope: Construct, endpoint: string, accountId: string): Partial<AwsProviderConfig> {
  const name = "emulator_endpoint";
  const variable =
    (scope.node.tryFindChild(name) as TerraformVariable | undefined) ??
    new TerraformVariable(scope, name, {
      type: "string",
      default: endpoint,
      description: "Address of the AWS emulator",
    });
  return {
    // The emulator takes a 12-digit access key as the account.
    accessKey: accountId,
    secretKey: "emulator",
    s3UsePathStyle: true,
    skipCredentialsValidation: true,
    skipMetadataApiCheck: "true",
    skipRegionValidation: true,
    endpoints: [Object.fromEntries(services.map((service) => [service, variable.stringValue]))],
  };
}
