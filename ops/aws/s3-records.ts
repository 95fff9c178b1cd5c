import {
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { Environment } from "../../config";
import { stateBucketName } from "../../config/names";
import type { Records, Stored } from "../core/records";
import { clientOptions } from "./clients";

/** Another writer was first, or is writing: 404 where the object of `If-Match` is gone. */
const LOST = [404, 409, 412];

/**
 * Records as objects below `operations/` of a bucket. S3 decides by `If-Match` and `If-None-Match` which of two writers
 * comes first (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
 */
export class S3Records implements Records {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  async read(key: string): Promise<Stored | undefined> {
    try {
      const { Body, ETag = "" } = await this.s3.send(new GetObjectCommand(this.at(key)));
      return { text: (await Body?.transformToString()) ?? "", version: ETag };
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === "NoSuchKey") return undefined;
      throw error;
    }
  }

  async write(key: string, text: string, since: string | undefined): Promise<string | undefined> {
    const condition = since === undefined ? { IfNoneMatch: "*" } : { IfMatch: since };
    try {
      const { ETag } = await this.s3.send(
        new PutObjectCommand({ ...this.at(key), ...condition, Body: text, ContentType: "application/json" }),
      );
      return ETag;
    } catch (error) {
      if (!(error instanceof S3ServiceException) || !LOST.includes(error.$metadata.httpStatusCode ?? 0)) throw error;
      if (error.name === "NoSuchBucket") throw error;
      // The first answer to our own write may have been lost, and the client have written again.
      const found = await this.read(key);
      return found?.text === text ? found.version : undefined;
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const { Bucket, Key } = this.at(prefix);
    const keys: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.s3 }, { Bucket, Prefix: Key })) {
      keys.push(...Contents.map(({ Key: found = "" }) => found.slice(this.at("").Key.length)));
    }
    return keys;
  }

  private at(key: string) {
    return { Bucket: this.bucket, Key: `operations/${key}` };
  }
}

/** Where operations on an environment are on record: beside the states of its stacks. */
export function recordsOf(environment: Environment): Records {
  return new S3Records(
    new S3Client({ ...clientOptions(environment), forcePathStyle: true }),
    stateBucketName(environment),
  );
}
