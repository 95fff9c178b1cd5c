import type { Look } from "../../packages/contract/dumps";
import { ConfigError, readConfig, section } from "../../packages/kit/config/read";
import type { DatabaseConfig } from "../../packages/kit/config/sections";
import { secret } from "../../packages/kit/config/variables";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { contentsOf } from "../backup/contents";
import { copiesOf, drop, switchDatabases } from "../backup/databases";
import { dumpAt, restoreDump } from "../backup/restore";
import { asOwner, databaseCommandSections } from "../config";

const usage =
  "usage: restore-database into|verify <database> | inspect [database] | switch <copy> [kept as] | drop <copy>";

/** Both carry the right to read what they name. */
const sourceSection = section(
  {
    DUMP_URL: secret("the address of a dump, or its file in DUMP_URL_FILE"),
    DUMP_MANIFEST_URL: secret("the address of its manifest, or its file in DUMP_MANIFEST_URL_FILE"),
  },
  ({ DUMP_URL, DUMP_MANIFEST_URL }) => ({ dump: DUMP_URL, manifest: DUMP_MANIFEST_URL }),
);

/**
 * `restore-database`: copies of the database beside the live one. Its last line is what came of it, as JSON.
 *
 *   into <database>            restores the dump at DUMP_URL, and compares every row with the manifest
 *   verify <database>          the same, and drops it
 *   inspect [database]         counts rows, and shows the newest ones; the live database without a name
 *   switch <copy> [kept as]    makes a copy the live database, and keeps the one that is
 *   drop <copy>
 */
async function main([action, first = "", second = ""]: readonly string[]): Promise<void> {
  const { database, owner: whose } = readConfig(databaseCommandSections);
  const owner = asOwner(database, whose);
  const print = (answer: object) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  switch (action) {
    case "into":
    case "verify": {
      if (first === "") throw new Error(usage);
      const { source } = readConfig({ source: sourceSection });
      const { username, password } = database;
      const contents = await restoreDump({
        source: dumpAt(source.dump, source.manifest),
        owner,
        application: { username, password },
        into: first,
        scratch: action === "verify",
      });
      return void print({ database: first, contents });
    }
    case "inspect":
      return void print(await look(owner, first === "" ? owner.name : first));
    case "switch":
      if (first === "") throw new Error(usage);
      await switchDatabases(owner, first, second === "" ? undefined : second);
      return void print({ live: owner.name, was: first, keptAs: second });
    case "drop":
      if (first === "") throw new Error(usage);
      await drop(owner, first);
      return void print({ dropped: first });
    default:
      throw new Error(usage);
  }
}

async function look(owner: DatabaseConfig, name: string): Promise<Look> {
  const databases = await copiesOf(owner);
  if (!databases.includes(name)) return { databases };
  const client = new DatabaseClient(connectionOptions({ ...owner, name }, "restore-database"));
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return { databases, contents: await contentsOf(client, "none") };
  } finally {
    await client.end();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const text = error instanceof ConfigError ? error.message : (error as Error).message;
  process.stderr.write(`restore-database: ${text}\n`);
  process.exitCode = 1;
});
