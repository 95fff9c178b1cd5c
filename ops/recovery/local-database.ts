import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../config";
import { backupBucketName } from "../../config/names";
import { secretsIn } from "../../local/app/secrets";
import { embeddedDatabaseVariables, givenDatabaseVariables } from "../../local/app/settings";

/** Line of `postmaster.pid` that holds the port (PostgreSQL, src/include/utils/pidfile.h). */
const PORT_LINE = 3;

/** The variables of commands that work on the database of `npm start`, and on the emulator's bucket. */
export function localVariables({ aws, prefix, backups }: Environment, root: string) {
  const folder = join(root, ".local", "app");
  if (!existsSync(join(folder, "secrets.json"))) return undefined;
  const secrets = secretsIn(join(folder, "secrets.json"));
  const database = givenDatabaseVariables(process.env, secrets.databaseServicesPassword) ?? embedded();
  return database === undefined
    ? undefined
    : {
        ...database,
        AWS_ENDPOINT_URL: aws.emulator,
        AWS_REGION: aws.region,
        AWS_ACCESS_KEY_ID: aws.accountId,
        AWS_SECRET_ACCESS_KEY: "none",
        BACKUP_BUCKET: backupBucketName(prefix, aws),
        BACKUP_RETENTION_DAYS: String(backups.dumpRetentionDays),
      };

  function embedded() {
    const file = join(folder, "postgres", "postmaster.pid");
    if (!existsSync(file)) return undefined;
    const port = readFileSync(file, "utf8").split("\n")[PORT_LINE];
    return port === undefined ? undefined : embeddedDatabaseVariables(secrets, port, "bist_trading");
  }
}
