import { backupBucketName } from "../../../config/names";
import { startOwnedDatabase } from "../../app/support/owned-database";
import type { OwnedDatabase } from "../../app/support/owned-database";
import { localEnvironment } from "./test-environment";

/** Names the variables of the database to the processes that a test starts and kills. */
const VARIABLE = "OPS_TEST_DATABASE";

type Variables = Readonly<Record<string, string>>;

/** The database that commands of this run work on; undefined where a suite has started none. */
export function databaseOfTests(): Variables | undefined {
  const given = process.env[VARIABLE];
  return given === undefined ? undefined : (JSON.parse(given) as Variables);
}

/** Starts a database with tables for the commands of this run. */
export async function startDatabaseOfTests(): Promise<OwnedDatabase> {
  const { aws, prefix, backups } = localEnvironment();
  const database = await startOwnedDatabase();
  process.env[VARIABLE] = JSON.stringify({
    ...database.variables,
    PATH: `${database.binaries}:${process.env["PATH"] ?? ""}`,
    AWS_ENDPOINT_URL: aws.emulator,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.accountId,
    AWS_SECRET_ACCESS_KEY: "none",
    BACKUP_BUCKET: backupBucketName(prefix, aws),
    BACKUP_RETENTION_DAYS: String(backups.dumpRetentionDays),
  });
  return database;
}
