import { TerraformElement } from "cdktf";
import type { Construct } from "constructs";

const TYPE = "aws_secretsmanager_random_password";

/**
 * Random letters and digits, which neither JSON nor a URL nor a shell has to escape, made by Secrets Manager when
 * Terraform runs. The text is ephemeral: in no state and in no plan, and another one on every run, so that only
 * write-only arguments may take it.
 */
export class RandomPassword extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly length: number,
  ) {
    super(scope, id, TYPE);
  }

  /** The expression that stands for the text. */
  get value(): string {
    return `\${ephemeral.${TYPE}.${this.friendlyUniqueId}.random_password}`;
  }

  /** cdktf has no class for ephemeral blocks; the stack merges what its elements return. */
  override toTerraform(): object {
    return {
      ephemeral: {
        [TYPE]: { [this.friendlyUniqueId]: { password_length: this.length, exclude_punctuation: true } },
      },
    };
  }
}
