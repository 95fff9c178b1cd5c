import { DataAwsEcrImage } from "@cdktf/provider-aws/lib/data-aws-ecr-image";
import { DataResource } from "cdktf";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Account } from "../../../config/account";
import { projectRoot, ROOT_FROM_STACK } from "../../../lib/paths";
import { contentTag } from "../../../lib/content-hash";

export interface ApplicationImageProps {
  /** Reference of an image that is there already. @default built from the sources and pushed at apply */
  readonly built?: string;
  readonly account: Account;
  /** Name of the repository in the account's registry. */
  readonly repository: string;
  /** For example `linux/amd64`. */
  readonly platforms: readonly string[];
}

/**
 * The application's image, by its digest. Its tag is a digest of what it is built from: the same sources are built
 * once, by the first run, at apply; synthesis and plan build nothing.
 */
export class ApplicationImage extends Construct {
  /** What containers name. */
  readonly reference: string;

  constructor(scope: Construct, id: string, props: ApplicationImageProps) {
    super(scope, id);
    this.reference = props.built ?? this.fromSources(props);
  }

  private fromSources({ account, repository, platforms }: ApplicationImageProps): string {
    const registry = `${account.accountId}.dkr.ecr.${account.region}.amazonaws.com`;
    const tag = contentTag(projectRoot);
    const image = `${registry}/${repository}:${tag}`;
    const build = new DataResource(this, "Build", {
      triggersReplace: { image },
      provisioners: [
        {
          type: "local-exec",
          workingDir: ROOT_FROM_STACK,
          command: `npm run --silent image -- --image ${image} --platforms ${platforms.join(",")}`,
        },
      ],
    });
    return `${registry}/${repository}@${this.digestOf(account, repository, tag, build)}`;
  }

  private digestOf({ accountId }: Account, repositoryName: string, imageTag: string, build: ITerraformDependable) {
    return new DataAwsEcrImage(this, "Pushed", { registryId: accountId, repositoryName, imageTag, dependsOn: [build] })
      .imageDigest;
  }
}
