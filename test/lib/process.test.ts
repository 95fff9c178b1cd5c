import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ExclusiveRun } from "../../local/exclusive-run";
import { commandOf, ended, endProcess, listenerOn } from "../../lib/process";
import { endLeftovers, remember } from "../../lib/terraform/runs";

const PATIENCE_MS = 60_000;
const folder = () => mkdtempSync(join(tmpdir(), "processes-"));

/** A process that waits; `name` is part of its command line. */
async function waiting(name: string, script = "console.log('up')"): Promise<number> {
  const child = spawn(process.execPath, ["-e", `${script}; setInterval(() => {}, 1000)`, name], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  if (child.pid === undefined) throw new Error("no process");
  return child.pid;
}

describe("a process", () => {
  test("is known by its command line until it has ended", async () => {
    const pid = await waiting("a-name-of-its-own");
    expect(commandOf(pid)).toContain("a-name-of-its-own");
    expect(await ended(pid, 10)).toBe(false);
    expect(await endProcess(pid, PATIENCE_MS)).toBe(true);
    expect(commandOf(pid)).toBeUndefined();
  });

  test("is killed when it does not end on request, and that is told", async () => {
    const pid = await waiting("deaf", "process.on('SIGTERM', () => {}); console.log('up')");
    expect(await endProcess(pid, 200)).toBe(false);
    expect(commandOf(pid)).toBeUndefined();
  });

  test("that has ended already needs no patience", async () => {
    const pid = await waiting("gone");
    await endProcess(pid, PATIENCE_MS);
    expect(await endProcess(pid, PATIENCE_MS)).toBe(true);
  });
});

test("the listener on a port is named", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  expect(listenerOn(address.port)?.pid).toBe(process.pid);
  await new Promise((resolve) => server.close(resolve));
  expect(listenerOn(address.port)).toBeUndefined();
});

describe("ExclusiveRun", () => {
  test("lets a second one in only after the first", async () => {
    const file = join(folder(), "start.pid");
    const run = () => new ExclusiveRun(file, process.argv0);
    await run().run(async () => {
      await expect(run().run(() => Promise.resolve())).rejects.toThrow(`as process ${process.pid}`);
    });
    expect(await run().run(() => Promise.resolve("in"))).toBe("in");
  });

  test("does not take another program of the same id for one at work", async () => {
    const file = join(folder(), "start.pid");
    const pid = await waiting("something else");
    writeFileSync(file, String(pid));
    const run = new ExclusiveRun(file, "local/start.ts");
    expect(await run.end(PATIENCE_MS)).toBe(false);
    expect(commandOf(pid)).toBeDefined();
    await endProcess(pid, PATIENCE_MS);
  });

  test("ends the one at work", async () => {
    const file = join(folder(), "start.pid");
    const pid = await waiting("local/start.ts");
    writeFileSync(file, String(pid));
    expect(await new ExclusiveRun(file, "local/start.ts").end(PATIENCE_MS)).toBe(true);
    expect(commandOf(pid)).toBeUndefined();
  });
});

describe("runs of Terraform", () => {
  test("are on record while they last", async () => {
    const runs = folder();
    const pid = await waiting("terraform apply");
    const forget = remember(pid, runs);
    expect(readdirSync(runs)).toEqual([String(pid)]);
    forget();
    expect(readdirSync(runs)).toEqual([]);
    await endProcess(pid, PATIENCE_MS);
  });

  test("that a killed process left are ended with all that they started", async () => {
    const runs = folder();
    const script = `require("node:child_process").spawn(process.execPath, ["-e", "console.log(process.pid); setInterval(() => {}, 1000)", "provider"], { stdio: "inherit" })`;
    const child = spawn(process.execPath, ["-e", script, "terraform apply"], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const provider = Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
    writeFileSync(join(runs, String(child.pid)), "");
    expect(endLeftovers(runs)).toBe(1);
    expect(await ended(provider, PATIENCE_MS)).toBe(true);
    expect(readdirSync(runs)).toEqual([]);
    expect(endLeftovers(runs)).toBe(0);
  });

  test("are left alone where the id is another program's by now", async () => {
    const runs = folder();
    const pid = await waiting("something else");
    writeFileSync(join(runs, String(pid)), "");
    expect(endLeftovers(runs)).toBe(0);
    await sleep(50);
    expect(commandOf(pid)).toBeDefined();
    await endProcess(pid, PATIENCE_MS);
  });
});
