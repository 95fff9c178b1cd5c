import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { Construct } from "constructs";
import { EncryptionKey } from "../encryption/encryption-key";
import type { Account } from "../../../config/account";
import { isProtected, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";

export interface ImageRepositoryProps {
  readonly name: string;
  /** Starts the alias of the key. */
  readonly prefix: string;
  readonly account: Account;
  /** Images kept; older ones expire. */
  readonly keep: number;
  readonly protection: Protection;
}

/** Where the application's images are: encrypted, scanned when pushed, and a tag never moves to another image. */
export class ImageRepository extends Construct {
  readonly arn: string;
  readonly url: string;

  constructor(scope: Construct, id: string, { name, prefix, account, keep, protection }: ImageRepositoryProps) {
    super(scope, id);
    const key = new EncryptionKey(this, "Key", {
      alias: `${prefix}/images`,
      description: `Images of ${name}`,
      account,
      protection,
    });
    const repository = new EcrRepository(this, "Resource", {
      name,
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: "KMS", kmsKey: key.arn }],
      forceDelete: !isProtected(protection),
    });
    protect(repository, protection);
    new EcrLifecyclePolicy(this, "Lifecycle", {
      repository: repository.name,
      policy: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: `Keep the last ${keep} images`,
            selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: keep },
            action: { type: "expire" },
          },
        ],
      }),
    });
    this.arn = repository.arn;
    this.url = repository.repositoryUrl;
  }
}
