import {
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ImageNotFoundException,
  PutImageCommand,
} from "@aws-sdk/client-ecr";
import type { ClientOptions } from "../../ops/aws/clients";
import { MANIFEST_TYPE } from "./manifest";

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

  constructor(options: ClientOptions) {
    this.client = new ECRClient(options);
  }

  /** @returns the digest of what is under the tag; undefined when nothing is */
  async digest({ account, repository, tag }: Reference): Promise<string | undefined> {
    try {
      const { imageDetails = [] } = await this.client.send(
        new DescribeImagesCommand({ registryId: account, repositoryName: repository, imageIds: [{ imageTag: tag }] }),
      );
      return imageDetails[0]?.imageDigest;
    } catch (error) {
      if (error instanceof ImageNotFoundException) return undefined;
      throw error;
    }
  }

  /** Puts a manifest under the tag, to a registry that does not ask for what it names. */
  async putManifest({ account, repository, tag }: Reference, imageManifest: string): Promise<void> {
    const image = { imageManifest, imageManifestMediaType: MANIFEST_TYPE, imageTag: tag };
    await this.client.send(new PutImageCommand({ registryId: account, repositoryName: repository, ...image }));
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
