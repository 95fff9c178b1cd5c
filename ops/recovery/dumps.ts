import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, S3ServiceException } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { dumpKey, manifestKey, parseManifest } from "../../app/packages/contract/dumps";
import type { Manifest } from "../../app/packages/contract/dumps";
import { refused } from "../core/outcome";

/** A restore reads the dump twice, the second time hours after the first where it is large. */
const URL_SECONDS = 12 * 3600;

/** Prefix and ending of manifests, of which a dump without one is none. */
const [FOLDER, ENDING] = ["database/", ".json"];

/** Dumps of the database, by their names, in the backup bucket. */
export class Dumps {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  /** Names of those that are whole, the newest first. */
  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.s3 },
      { Bucket: this.bucket, Prefix: FOLDER },
    )) {
      const manifests = Contents.flatMap(({ Key = "" }) => (Key.endsWith(ENDING) ? [Key] : []));
      names.push(...manifests.map((key) => key.slice(FOLDER.length, -ENDING.length)));
    }
    return names.sort().reverse();
  }

  /** What a dump held. @throws OperationError with `refused` where there is none, or not all of it */
  async require(name: string): Promise<Manifest> {
    const text = await this.text(manifestKey(name));
    if (text === undefined) {
      const known = (await this.names()).slice(0, 5);
      const others =
        known.length === 0 ? "there are none; make one with `backup`" : `the newest are ${known.join(", ")}`;
      throw refused(`There is no dump "${name}" in ${this.bucket}: ${others}`);
    }
    const manifest = parseManifest(text);
    const bytes = await this.size(dumpKey(name));
    if (bytes === manifest.bytes) return manifest;
    const found = bytes === undefined ? "is gone" : `has ${bytes} bytes, and its manifest says ${manifest.bytes}`;
    throw refused(`The dump "${name}" ${found}: use another one; see \`backups\``);
  }

  /** Presigned addresses, with which this dump and nothing else can be read for twelve hours. */
  async addresses(name: string): Promise<Readonly<Record<"DUMP_URL" | "DUMP_MANIFEST_URL", string>>> {
    const sign = (Key: string) =>
      getSignedUrl(this.s3, new GetObjectCommand({ Bucket: this.bucket, Key }), { expiresIn: URL_SECONDS });
    return { DUMP_URL: await sign(dumpKey(name)), DUMP_MANIFEST_URL: await sign(manifestKey(name)) };
  }

  private async text(Key: string): Promise<string | undefined> {
    return found(async () => {
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
      return Body?.transformToString();
    });
  }

  private size(Key: string): Promise<number | undefined> {
    return found(async () => {
      const { ContentLength } = await this.s3.send(new HeadObjectCommand({ Bucket: this.bucket, Key }));
      return ContentLength;
    });
  }
}

async function found<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (
      error instanceof S3ServiceException &&
      error.$metadata.httpStatusCode === 404 &&
      error.name !== "NoSuchBucket"
    ) {
      return undefined;
    }
    throw error;
  }
}
