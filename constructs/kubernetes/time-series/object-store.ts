import { backupPrefixes, TIME_SERIES } from "../../../config/names";
import { archiverResources } from "../../../config/schema/time-series";
import type { CustomObject } from "../custom-objects/custom-objects";

export interface ObjectStoreProps {
  readonly namespace: string;
  readonly bucket: string;
  readonly region: string;
  /** Days back to which any moment can be restored. */
  readonly retentionDays: number;
}

/**
 * Where base backups and log go: below `time-series/` of the bucket of backups, a folder for each cluster. Pods have the
 * rights of their service account; nothing here is a credential.
 */
export class ObjectStore implements CustomObject {
  readonly apiVersion = "barmancloud.cnpg.io/v1";
  readonly kind = "ObjectStore";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;

  constructor({ namespace, bucket, region, retentionDays }: ObjectStoreProps) {
    this.metadata = { name: TIME_SERIES, namespace };
    this.spec = {
      configuration: {
        destinationPath: `s3://${bucket}/${backupPrefixes.timeSeries}`,
        s3Credentials: { inheritFromIAMRole: true },
        // TimescaleDB has compressed all but the last day: what is cheap and fast is enough.
        data: { compression: "lz4", jobs: 2 },
        wal: { compression: "zstd", maxParallel: 4 },
      },
      instanceSidecarConfiguration: {
        env: [{ name: "AWS_DEFAULT_REGION", value: region }],
        resources: archiverResources,
      },
      retentionPolicy: `${retentionDays}d`,
    };
  }
}
