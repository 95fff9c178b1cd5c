import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { Readable } from "node:stream";
import { networkLimits } from "../../packages/contract/network-limits";
import { section } from "../../packages/kit/config/read";
import { otherwise, text, whole } from "../../packages/kit/config/variables";
import type { DumpStore } from "./dump";

export interface BackupConfig {
  readonly bucket: string;
  /** The bucket's own rule removes dumps; the tag shows it on each. */
  readonly retentionDays: number;
}

export const backupSection = section(
  {
    BACKUP_BUCKET: text("the name of the bucket that dumps go to"),
    BACKUP_RETENTION_DAYS: otherwise(whole(1, 3650, "days"), 30),
  },
  (values): BackupConfig => ({ bucket: values.BACKUP_BUCKET, retentionDays: values.BACKUP_RETENTION_DAYS }),
);

/** S3 takes at most 10,000 parts: these make 625 GiB of one dump, in 256 MiB of memory at a time. */
const PART_BYTES = 64 * 1024 * 1024;

/** The backup bucket, by whatever credentials the pod is given. An address of AWS_ENDPOINT_URL is an emulator's. */
export function s3DumpStore({ bucket, retentionDays }: BackupConfig): DumpStore {
  const client = new S3Client({
    forcePathStyle: process.env["AWS_ENDPOINT_URL"] !== undefined,
    requestHandler: networkLimits.aws,
  });
  return {
    async put(Key: string, Body: Readable | string) {
      const upload = new Upload({
        client,
        params: { Bucket: bucket, Key, Body },
        tags: [{ Key: "RetentionDays", Value: String(retentionDays) }],
        partSize: PART_BYTES,
      });
      await upload.done();
    },
  };
}
