import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { freePort } from "../../../../app/packages/embedded/free-port";
import { projectRoot } from "../../../../lib/paths";

test("PostgreSQL of a laptop keeps its log over its starts, with slow statements and without their values", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bist-postgres-log-"));
  // As root the server runs as another user, who must enter the folder.
  chmodSync(folder, 0o755);
  const logFile = join(folder, "logs", "postgresql.log");
  const password = "not-a-real-password";
  const askSlowly = async (marker: string) => {
    const port = await freePort();
    const args = [
      "tools/run.mjs",
      "local/app/postgres-process.ts",
      join(folder, "data"),
      String(port),
      "app",
      "bist_admin",
      logFile,
    ];
    const server = spawn(process.execPath, args, {
      cwd: projectRoot,
      env: { ...process.env, POSTGRES_PASSWORD: password },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(server, "exit");
    try {
      const first: unknown[] = await Promise.race([once(server.stdout, "data"), ended]);
      expect(String(first[0])).toMatch(/^PostgreSQL listens on/);
      const client = new Client({ host: "127.0.0.1", port, user: "bist_admin", password, database: "app" });
      await client.connect();
      await client.query(`CREATE TABLE ${marker} ()`);
      await client.query(`SELECT pg_sleep(1.1), $1::text AS ${marker}`, ["data of a person"]);
      await client.end();
    } finally {
      server.kill("SIGTERM");
      await ended;
    }
  };
  try {
    await askSlowly("of_the_first_start");
    await askSlowly("of_the_second_start");
    const log = readFileSync(logFile, "utf8");
    for (const marker of ["of_the_first_start", "of_the_second_start"]) {
      expect(log).toMatch(new RegExp(`:bist_admin@app:\\[\\d+\\]:LOG: {2}statement: CREATE TABLE ${marker}`));
      expect(log).toMatch(new RegExp(`:LOG: {2}duration: .*${marker}`));
    }
    expect(log).not.toContain("data of a person");
    expect(log).not.toContain(password);
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
