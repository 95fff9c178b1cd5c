import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import type { Environment } from "../../../config";
import { projectRoot } from "../../../lib/paths";
import { isListening } from "../../ports";
import { Daemon } from "../daemon";
import { emulatorClient } from "../operator-secrets";

const READY_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 20_000;

/** The settings of the database's process, in a file that only its user may read. */
export interface DatabaseSettings {
  readonly directory: string;
  /** Address that pods reach, and the networks that they come from. */
  readonly host: string;
  readonly clients: string;
  readonly port: number;
  readonly name: string;
  readonly owner: { readonly username: string; readonly password: string };
  readonly superuserPassword: string;
  /** Keeps the server's log. */
  readonly logFile: string;
}

/** Where RDS says that the database is, and whose it is. */
export type ReportedDatabase = Pick<DatabaseSettings, "host" | "port" | "name" | "owner">;

/** A real PostgreSQL at the address that the emulated RDS reports. */
export class PodDatabase {
  private readonly daemon: Daemon;

  /** @param folder keeps the data; users that are not root must be able to enter it */
  constructor(private readonly folder: string) {
    this.daemon = new Daemon("postgres", join(folder, "process"));
  }

  /**
   * @param clients network that its clients come from
   * @throws Error with the server's last words when it does not start
   */
  async start(reported: ReportedDatabase, clients: string): Promise<void> {
    // The server runs as another user, who must not read the settings of its process.
    mkdirSync(join(this.folder, "process"), { recursive: true, mode: 0o700 });
    chmodSync(this.folder, 0o755);
    const settings: DatabaseSettings = {
      ...reported,
      clients,
      directory: join(this.folder, "data"),
      superuserPassword: this.superuserPassword(),
      logFile: join(this.folder, "process", "postgresql.log"),
    };
    const file = join(this.folder, "process", "settings.json");
    writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
    const script = [join(projectRoot, "tools/run.mjs"), "local/kubernetes/pods/database-process.ts"];
    await this.daemon.start([process.execPath, ...script, file], STOP_PATIENCE_MS);
    await this.daemon.untilReady(() => isListening(reported.port, reported.host), READY_PATIENCE_MS);
  }

  /** Ends it and keeps its data. Returns whether it ran. */
  stop(): Promise<boolean> {
    return this.daemon.stop(STOP_PATIENCE_MS);
  }

  private superuserPassword(): string {
    const file = join(this.folder, "process", "superuser");
    if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
    return readFileSync(file, "utf8");
  }
}

/**
 * Asks the AWS emulator about the environment's database.
 *
 * @param wanted address at which pods reach this machine
 * @throws Error when RDS reports another one
 */
export async function reportedDatabase(
  endpoint: string,
  { aws, database }: Environment,
  wanted: string,
): Promise<ReportedDatabase> {
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: "none" };
  const rds = new RDSClient({ endpoint, region: aws.region, credentials });
  const secrets = emulatorClient(endpoint, { aws });
  try {
    const answer = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: database.identifier }));
    const { Endpoint: address, MasterUserSecret: secret } = answer.DBInstances?.[0] ?? {};
    const host = address?.Address ?? "nowhere";
    if (host !== wanted) {
      throw new Error(
        `The emulated RDS reports ${host}; real pods reach ${wanted}, which it reports when it is made anew: ` +
          "npm stop -- --erase, and then LOCAL_PODS=real npm start",
      );
    }
    const { SecretString: text = "{}" } = await secrets.send(
      new GetSecretValueCommand({ SecretId: secret?.SecretArn }),
    );
    const owner = JSON.parse(text) as ReportedDatabase["owner"];
    return { host, port: address?.Port ?? database.port, name: database.name, owner };
  } finally {
    rds.destroy();
    secrets.destroy();
  }
}
