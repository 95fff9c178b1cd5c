import { DescribeImagesCommand, ImageNotFoundException, RepositoryNotFoundException } from "@aws-sdk/client-ecr";
import type { ECRClient } from "@aws-sdk/client-ecr";
import { InvalidArgumentError } from "commander";
import type { Environment } from "../../config";
import { refused } from "../core/outcome";

const IMAGE = /^(?<repository>[a-z0-9][a-z0-9.:_/-]*)@(?<digest>sha256:[0-9a-f]{64})$/;

/** Parses the argument of a command: an image by its digest, which alone says what will run. */
export function imageByDigest(text: string): string {
  if (IMAGE.test(text)) return text;
  throw new InvalidArgumentError(
    "It is no image by digest; use <repository>@sha256:<64 hex digits>, as the release workflow and " +
      "`npm run --silent image -- --env <environment>` print it.",
  );
}

/** What the environment's image repository holds. */
export class Registry {
  constructor(
    private readonly client: ECRClient,
    private readonly environment: Pick<Environment, "name" | "aws" | "delivery">,
  ) {}

  /**
   * Refuses an image that no pod could pull.
   *
   * @returns its tags
   * @throws OperationError with `refused`
   */
  async require(image: string): Promise<readonly string[]> {
    const { repository = "", digest = "" } = IMAGE.exec(image)?.groups ?? {};
    const { accountId, region } = this.environment.aws;
    const name = this.environment.delivery.image.repository;
    const expected = `${accountId}.dkr.ecr.${region}.amazonaws.com/${name}`;
    if (repository !== expected)
      throw refused(`${image} is not of the environment's repository; push it to ${expected}`);
    try {
      const { imageDetails = [] } = await this.client.send(
        new DescribeImagesCommand({ repositoryName: name, imageIds: [{ imageDigest: digest }] }),
      );
      const [found] = imageDetails;
      if (found !== undefined) return found.imageTags ?? [];
    } catch (error) {
      if (!(error instanceof ImageNotFoundException || error instanceof RepositoryNotFoundException)) throw error;
    }
    throw refused(
      `${expected} holds no image ${digest}: npm run image -- --env ${this.environment.name} puts the one of these ` +
        "sources there, and prints how to name it",
    );
  }
}
