import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import type { Construct } from "constructs";
import { check } from "../../support/check";
import { PlatformSecret } from "./platform-secret";
import type { PlatformSecretProps } from "./platform-secret";
import type { GeneratedValue } from "../../../config/application-secrets";
import { RandomPassword } from "./random-password";

/**
 * A secret whose value is generated on its way into Secrets Manager: it is in no code, no plan and no state.
 * Terraform opens the random text on every run and writes it only when `version` has changed.
 */
export class GeneratedSecret extends PlatformSecret {
  /** Id of the value in force; another one after every rotation. */
  readonly versionId: string;

  constructor(scope: Construct, id: string, props: PlatformSecretProps & GeneratedValue) {
    super(scope, id, props);
    const { random, fixed = {}, version } = props;
    const entries = Object.entries(random);
    check(this, [
      [entries.length > 0, "generates nothing; use PlatformSecret for a value that an operator puts in"],
      ...entries.map(([name]): [boolean, string] => [!(name in fixed), `"${name}" is both random and fixed`]),
      [Number.isInteger(version) && version >= 1, `version is ${version}; count from 1`],
    ]);
    const texts = entries.map(([name, { length, format = (text: string) => text }]) => [
      name,
      format(new RandomPassword(this, `Random-${name}`, length).value),
    ]);
    const value = new SecretsmanagerSecretVersion(this, "Value", {
      secretId: this.arn,
      secretStringWo: JSON.stringify({ ...fixed, ...(Object.fromEntries(texts) as Record<string, string>) }),
      secretStringWoVersion: version,
    });
    this.versionId = value.versionId;
  }
}
