import {
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ImageNotFoundException,
} from "@aws-sdk/client-ecr";

/** An image in a registry of ECR. */
export interface Reference {
  readonly host: string;
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly tag: string;
}

export interface Credentials {
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

const REFERENCE = /^((\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com)\/([a-z0-9._/-]+):([\w.-]+)$/;

/** @throws Error when the image is not one of ECR with a tag */
export function parseReference(image: string): Reference {
  const [, host, account, region, repository, tag] = REFERENCE.exec(image) ?? [];
  if (
    host === undefined ||
    account === undefined ||
    region === undefined ||
    repository === undefined ||
    tag === undefined
  ) {
    throw new Error(`${image} is not an image of ECR; use <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`);
  }
  return { host, account, region, repository, tag };
}

/** The registry that an account has in a region. */
export class EcrRegistry {
  private readonly client: ECRClient;

  constructor(region: string) {
    this.client = new ECRClient({ region });
  }

  async has({ account, repository, tag }: Reference): Promise<boolean> {
    try {
      await this.client.send(
        new DescribeImagesCommand({ registryId: account, repositoryName: repository, imageIds: [{ imageTag: tag }] }),
      );
      return true;
    } catch (error) {
      if (error instanceof ImageNotFoundException) return false;
      throw error;
    }
  }

  /** A user name and a password that lasts for twelve hours. */
  async credentials({ host }: Reference): Promise<Credentials> {
    const { authorizationData } = await this.client.send(new GetAuthorizationTokenCommand({}));
    const [username = "", password = ""] = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64")
      .toString()
      .split(":");
    if (password === "") throw new Error(`${host} gave no password`);
    return { host, username, password };
  }
}
