import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { dumpKey, manifestKey, parseManifest } from "../../../app/packages/contract/dumps";
import type { Contents, Manifest } from "../../../app/packages/contract/dumps";
import type { Context } from "../../../ops/core/context";
import type { DatabaseJob, DatabaseJobs } from "../../../ops/recovery/database-jobs";

const LIVE = "bist_trading";
const DUMP = "a dump";

/** What the databases of a server hold, by name. */
export interface Ledger {
  readonly databases: Readonly<Record<string, Contents>>;
  /** Dumps cannot be restored: they are damaged. @default false */
  readonly damaged?: boolean;
}

/**
 * What the application's commands do to a database server, done to a file: for suites that kill the tool a hundred times,
 * where a PostgreSQL would take minutes to say what it says elsewhere. Dumps go to the real bucket.
 */
export class LedgerJobs implements DatabaseJobs {
  constructor(
    private readonly file: string,
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  requireTools(): Promise<void> {
    return Promise.resolve();
  }

  async run({ clock }: Context, { command, args, secrets }: DatabaseJob): Promise<unknown> {
    const [action = "", first = LIVE, second] = args;
    if (command === "dump-database") return this.dump(action, clock.now());
    const { databases, damaged = false } = readLedger(this.file);
    const keep = (next: Record<string, Contents | undefined>) => {
      const left = Object.entries(next).filter((one): one is [string, Contents] => one[1] !== undefined);
      writeLedger(this.file, { databases: Object.fromEntries(left), damaged });
      return {};
    };
    switch (action) {
      case "inspect":
        return { databases: Object.keys(databases), contents: databases[first] };
      case "into": {
        if (damaged) throw new Error("the dump is damaged");
        const manifest = await fetch(secrets?.["DUMP_MANIFEST_URL"] ?? "");
        return keep({ ...databases, [first]: parseManifest(await manifest.text()).contents });
      }
      case "drop":
        return keep({ ...databases, [first]: undefined });
      case "switch":
        if (second === undefined) throw new Error("there is a live database");
        if (databases[first] === undefined && databases[second] !== undefined) return undefined;
        if (databases[first] === undefined) throw new Error(`there is no database ${first}`);
        return keep({ ...databases, [second]: databases[LIVE], [LIVE]: databases[first], [first]: undefined });
      default:
        throw new Error(`no ledger knows "${action}"`);
    }
  }

  private async dump(name: string, time: Date): Promise<void> {
    const { databases } = readLedger(this.file);
    const contents = databases[LIVE];
    if (contents === undefined) throw new Error("there is no live database");
    const manifest: Manifest = {
      schema: 1,
      database: LIVE,
      takenAt: time.toISOString(),
      serverVersion: "15",
      bytes: DUMP.length,
      sha256: "0".repeat(64),
      contents,
    };
    const put = (Key: string, Body: string) => this.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body }));
    await put(dumpKey(name), DUMP);
    await put(manifestKey(name), JSON.stringify(manifest));
  }
}

export function readLedger(file: string): Ledger {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Ledger) : { databases: {} };
}

export function writeLedger(file: string, ledger: Ledger): void {
  writeFileSync(file, JSON.stringify(ledger));
}
