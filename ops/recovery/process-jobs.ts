import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { WaitContext } from "../core/until";
import { refused } from "../core/outcome";
import { databaseCommands, lastLine } from "./database-jobs";
import type { DatabaseJob, DatabaseJobs } from "./database-jobs";

type Variables = Readonly<Record<string, string | undefined>>;

const LAST_WORDS = 4_000;

/** Processes of this machine, where the cluster's pods are not real. Cut short, a run begins anew. */
export class ProcessJobs implements DatabaseJobs {
  /** @param variables of the database and of AWS; undefined where there is no database */
  constructor(
    private readonly root: string,
    private readonly variables: () => Variables | undefined,
  ) {}

  requireTools(): Promise<void> {
    const { status } = spawnSync("pg_dump", ["--version"], { env: this.environment(), stdio: "ignore" });
    if (status === 0) return Promise.resolve();
    throw refused(
      "There is no pg_dump on this machine, which dumps are made and read with: install PostgreSQL's client programs, " +
        "15 or later (apt-get install postgresql-client, or brew install postgresql@15)",
    );
  }

  run({ progress }: WaitContext, { name, command, args, env, secrets, hosts }: DatabaseJob): Promise<unknown> {
    if (hosts !== undefined) throw refused("A process of this machine has no host names of its own");
    const environment = this.environment();
    // It ends with this process, even when that is killed: no other process knows of it.
    const preload = ["--require", join(this.root, "local", "app", "end-with-parent.cjs")];
    const child = spawn(
      process.execPath,
      [...preload, "tools/run.mjs", `${databaseCommands[command].folder}/${command}.ts`, ...args],
      {
        cwd: this.root,
        env: { ...environment, ...env, ...secrets },
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      },
    );
    let output = "";
    let words = "";
    child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-LAST_WORDS)));
    progress.note(`${command} ${args.join(" ")}`);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        if (code === 0) resolve(output);
        else reject(new Error(`${name} failed: ${withoutStack(words)}`));
      });
    }).then((text) => lastLine(name, command, text as string));
  }

  private environment(): Variables {
    const variables = this.variables();
    if (variables === undefined) throw refused("There is no database on this machine: start it with npm start");
    return { PATH: process.env["PATH"], ...variables };
  }
}

/** The message of a command's error, without its stack trace. */
const withoutStack = (words: string) =>
  words
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .join("\n")
    .trim();
