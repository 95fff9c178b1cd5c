import { TerraformElement } from "cdktf";
import type { Construct } from "constructs";

export interface RandomPasswordProps {
  readonly length: number;
  /** Letters and digits, or lower-case hexadecimal digits: nothing that JSON, a URL or a shell would have to escape. */
  readonly alphabet: "alphanumeric" | "hexadecimal";
}

const TYPE = "aws_secretsmanager_random_password";

/**
 * Random text that Secrets Manager makes when Terraform runs. It is ephemeral: in no state and in no plan, and another
 * one on every run, so that only write-only arguments may take it.
 */
export class RandomPassword extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: RandomPasswordProps,
  ) {
    super(scope, id, TYPE);
  }

  /** The expression that stands for the text. */
  get value(): string {
    return `\${ephemeral.${TYPE}.${this.friendlyUniqueId}.random_password}`;
  }

  /** cdktf has no class for ephemeral blocks; the stack merges what its elements return. */
  override toTerraform(): object {
    const hexadecimal = this.props.alphabet === "hexadecimal";
    return {
      ephemeral: {
        [TYPE]: {
          [this.friendlyUniqueId]: {
            password_length: this.props.length,
            exclude_punctuation: true,
            exclude_uppercase: hexadecimal,
            // All digits, or none above "f", may come by chance: neither is worth a weaker text.
            require_each_included_type: !hexadecimal,
            ...(hexadecimal ? { exclude_characters: "ghijklmnopqrstuvwxyz" } : {}),
          },
        },
      },
    };
  }
}
