import { dumpName } from "../../packages/contract/dumps";
import { ConfigError, readConfig } from "../../packages/kit/config/read";
import { dumpDatabase } from "../backup/dump";
import { backupSection, s3DumpStore } from "../backup/s3-store";
import { asOwner, databaseCommandSections } from "../config";
import { DatabaseBusy } from "../locks";

/**
 * `dump-database [name]`: the database into the backup bucket, with a manifest of what it held. Its last line is the
 * dump's name and the manifest, as JSON. Needs `pg_dump`. Ends with 75 while another dump or maintenance is under way.
 */
async function main([given]: readonly string[]): Promise<void> {
  const { database, owner, backup } = readConfig({ ...databaseCommandSections, backup: backupSection });
  const name = given ?? dumpName(database.name, new Date());
  const manifest = await dumpDatabase({
    owner: asOwner(database, owner),
    store: s3DumpStore(backup),
    name,
    now: () => new Date(),
  });
  process.stdout.write(`${JSON.stringify({ name, ...manifest })}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const told = error instanceof ConfigError || error instanceof DatabaseBusy;
  process.stderr.write(`dump-database: ${told ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = error instanceof DatabaseBusy ? error.exitCode : 1;
});
