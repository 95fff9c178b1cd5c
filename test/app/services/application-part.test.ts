import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Writable } from "node:stream";
import { freePort } from "../../../app/packages/embedded/free-port";
import { applicationIn } from "../../../local/application";
import { portVariables } from "../../../local/app/settings";
import { projectRoot } from "../../../lib/paths";
import { commandOf, ended } from "../../../lib/process";
import { readSettings } from "../../../local/settings";
import { closeAfterTests } from "../support/left-over";

jest.setTimeout(300_000);

// Inside the project, where what is built finds its packages.
const folder = join(projectRoot, ".cache", `test-part-${randomUUID()}`);
const application = applicationIn(folder);
const told: string[] = [];

beforeAll(async () => {
  // What a developer's own shell says about databases is not for tests.
  for (const name of Object.keys(process.env)) {
    if (/^(DATABASE_URL|REDIS_|DB_|SIMULATOR_|ALGOLAB_)/.test(name)) Reflect.deleteProperty(process.env, name);
  }
  for (const variable of Object.values(portVariables)) process.env[variable] = String(await freePort());
  closeAfterTests(() => application.erase());
});

const start = (part = application) =>
  part.start({
    settings: readSettings({}),
    output: new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        told.push(chunk.toString());
        done();
      },
    }),
    interrupt: new AbortController().signal,
  });
const page = () => `http://127.0.0.1:${process.env["PAGE_PORT"] ?? ""}`;
const supervisor = () => (JSON.parse(readFileSync(join(folder, "running.json"), "utf8")) as { pid: number }).pid;
const processes = () => [...readdirSync(join(folder, "processes")).map(Number), supervisor()];
const running = (pids: readonly number[]) => pids.filter((pid) => commandOf(pid) !== undefined);

/** Each test goes on where the one before ended. */
describe("the application as a part of npm start", () => {
  test("comes up in the background, and shows its steps", async () => {
    expect((await start()).join("\n")).toContain(`Trade on ${page()}`);
    expect(told.join("")).toContain("application: Starting the services.\n");
    expect((await fetch(page())).status).toBe(200);
    expect(running(processes())).toHaveLength(6);
  });

  test("is left as it is by another start, and started by nobody beside it", async () => {
    const before = processes();
    expect((await start()).join("\n")).toContain("is up already");
    const { status, stderr } = spawnSync(process.execPath, ["tools/run.mjs", "local/app.ts", folder], {
      cwd: projectRoot,
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining(`as process ${supervisor()}`)]);
    expect(processes()).toEqual(before);
  });

  test("comes up again after its supervisor was killed, without a process of before", async () => {
    const before = processes();
    const killed = supervisor();
    process.kill(killed, "SIGKILL");
    // The signal is under way when kill returns; a start before its end would find the application up.
    expect(await ended(killed, 60_000)).toBe(true);
    expect((await start()).join("\n")).toContain(`Trade on ${page()}`);
    expect(running(before)).toEqual([]);
    expect((await fetch(page())).status).toBe(200);
  });

  test("says what is wrong when it does not start", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const wanted = process.env["PAGE_PORT"];
    process.env["PAGE_PORT"] = String(port);
    const second = applicationIn(`${folder}-second`);
    try {
      await expect(start(second)).rejects.toThrow(
        new RegExp(`did not start[^]*Port ${port} is taken by process ${process.pid} [^]*PAGE_PORT`),
      );
    } finally {
      process.env["PAGE_PORT"] = wanted;
      await new Promise((resolve) => other.close(resolve));
      await second.erase();
    }
  });

  test("ends in order, keeps what it held, and forgets it when told to", async () => {
    const before = processes();
    expect(await application.stop()).toEqual(["The application has ended; what it held is kept."]);
    expect(running(before)).toEqual([]);
    expect(existsSync(join(folder, "postgres", "PG_VERSION"))).toBe(true);
    expect(await application.stop()).toEqual(["No application was running."]);
    await application.erase();
    expect(existsSync(folder)).toBe(false);
  });
});
