/** `npm run secrets` looks for keys, tokens and passwords in every file that git knows or would take. Needs no network. */
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../lib/paths";
import { findSecrets } from "./secret-scan";

/** Larger files are data; no reviewer would find a key in one either. */
const LARGEST_BYTES = 4 * 1024 * 1024;

async function main(): Promise<void> {
  const { status, stdout, stderr } = spawnSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      cwd: projectRoot,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (status !== 0) throw new Error(`The files of the repository cannot be listed: ${stderr.trim()}`);
  const files = stdout.split("\0").filter((path) => path !== "" && isReadable(path));
  let found = 0;
  for (const path of files) {
    const secrets = await findSecrets(path, readFileSync(join(projectRoot, path), "utf8"));
    for (const { line, message } of secrets) console.log(`${path}:${line} ${message}`);
    found += secrets.length;
  }
  console.log(`${files.length} files, ${found} secrets`);
  if (found > 0) {
    console.log("Take each out, and out of the history, and replace it where it is in use: it has been seen.");
    process.exitCode = 1;
  }
}

function isReadable(path: string): boolean {
  const file = statSync(join(projectRoot, path), { throwIfNoEntry: false });
  return file?.isFile() === true && file.size <= LARGEST_BYTES;
}

void main();
