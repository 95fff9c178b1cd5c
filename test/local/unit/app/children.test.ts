import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Children } from "../../../../local/app/children";
import { Leftovers } from "../../../../local/app/leftovers";
import { secretsIn } from "../../../../local/app/secrets";
import { projectRoot } from "../../../../lib/paths";
import { ended } from "../../../../lib/process";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bist-children-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const startsIn = (logs: string, interrupt?: AbortSignal) =>
  new Children(logs, interrupt, new Leftovers(join(logs, "processes"), process.execPath));

const stays = ["-e", "console.log('up', process.pid); setInterval(() => {}, 1000)"];
const upWith = /^up (\d+)/;

describe("the processes of the application", () => {
  test("are ended, the last that was started first, and keep what they said in a file", async () => {
    const children = startsIn(folder);
    const file = join(folder, "order");
    const notes = (name: string) => [
      "-e",
      `process.on('SIGTERM', () => { fs.appendFileSync(${JSON.stringify(file)}, '${name} '); process.exit(0); });
       console.log('up'); setInterval(() => {}, 1000)`,
    ];
    await children.startAndHear("database", notes("database"), process.env, /up/);
    await children.startAndHear("service", notes("service"), process.env, /up/);
    await children.stop();
    expect(readFileSync(file, "utf8")).toBe("service database ");
    expect(readFileSync(join(folder, "service.log"), "utf8")).toBe("up\n");
  });

  test("that end by themselves are reported with their last words", async () => {
    const children = startsIn(folder);
    await children.startAndHear(
      "market-data",
      ["-e", "console.log('up'); console.error('no feed'); process.exitCode = 3"],
      process.env,
      /up/,
    );
    expect(await children.failed).toMatch(/^market-data ended with 3; its last lines[\s\S]*no feed/);
    await children.stop();
  });

  test("that never come up fail the start with their last words", async () => {
    const children = startsIn(folder);
    const start = children.startAndHear(
      "simulator",
      ["-e", "console.error('no key'); process.exit(1)"],
      process.env,
      /up/,
    );
    await expect(start).rejects.toThrow(/simulator ended with 1[\s\S]*no key/);
    await children.stop();
  });

  test("are not started after an interrupt", async () => {
    const children = startsIn(folder, AbortSignal.abort());
    await expect(children.run("migrate", ["-e", ""], process.env)).rejects.toThrow(/abort/i);
  });

  test("are noted while they run, so that the next start ends what a killed one left", async () => {
    const children = startsIn(folder);
    const noted = () => readdirSync(join(folder, "processes"));
    const [, pid] = await children.startAndHear("market-data", stays, process.env, upWith);
    expect(noted()).toEqual([pid]);
    await new Leftovers(join(folder, "processes"), "another program").end(0);
    expect(await ended(Number(pid), 0)).toBe(false);
    writeFileSync(join(folder, "processes", String(pid)), "");
    await new Leftovers(join(folder, "processes"), "setInterval").end(60_000);
    expect(await ended(Number(pid), 0)).toBe(true);
    expect(noted()).toEqual([]);
    await children.stop();
  });

  test("end when who started them is killed", async () => {
    const preload = join(projectRoot, "local", "app", "end-with-parent.cjs");
    const script = `const child = require('child_process').spawn(process.execPath, ${JSON.stringify(["--require", preload, ...stays])},
      { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }); setInterval(() => {}, 1000)`;
    const parent = spawn(process.execPath, ["-e", script]);
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once("data", (text: Buffer) => {
        resolve(Number(upWith.exec(text.toString())?.[1]));
      }),
    );
    parent.kill("SIGKILL");
    expect(await ended(pid, 60_000)).toBe(true);
  });
});

test("secrets are made once, for their owner's eyes only", () => {
  const file = join(folder, "secrets.json");
  const made = secretsIn(file);
  expect(secretsIn(file)).toEqual(made);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(new Set(Object.values(made)).size).toBe(Object.keys(made).length);
});
